internal import Configuration
internal import Glibc
internal import SignIn

/// When a daemon sweeps by itself.
enum SweepTimes: Sendable, Equatable {
  case every(TimeSpan)
  /// By the host's time zone, in ascending order; never empty.
  case at([TimeOfDay])

  /// Nil for never.
  init?(_ settings: InactivitySettings) {
    if !settings.sweepAt.isEmpty {
      self = .at(settings.sweepAt)
    } else if let interval = settings.sweepEvery {
      self = .every(interval)
    } else {
      return nil
    }
  }

  /// The longest time between two of them; of a day whose clocks are put back an hour less, which nobody will miss.
  var longestSeconds: Int64 {
    switch self {
    case .every(let interval): return interval.seconds
    case .at(let times):
      let minutes = times.map(\.minutes)
      let gaps = zip(minutes, minutes.dropFirst() + [(minutes.first ?? 0) + 24 * 60]).map { $1 - $0 }
      return Int64(gaps.max() ?? 24 * 60) * 60
    }
  }

  /// The first of these times of the day after `now`, by the host's time zone. A time that a day does not have, where
  /// the clocks are put forward, is taken as mktime(3) takes it.
  static func next(_ times: [TimeOfDay], after now: Timestamp) -> Timestamp {
    var seconds = time_t(now.seconds)
    var today = tm()
    localtime_r(&seconds, &today)
    let candidates = (0...1).flatMap { day in
      times.map { time in
        var then = tm()
        (then.tm_year, then.tm_mon, then.tm_mday) = (today.tm_year, today.tm_mon, today.tm_mday + Int32(day))
        (then.tm_hour, then.tm_min, then.tm_isdst) = (Int32(time.hour), Int32(time.minute), -1)
        return Timestamp(seconds: Int64(mktime(&then)))
      }
    }
    return candidates.filter { $0 > now }.min() ?? now.adding(seconds: 86_400)
  }
}
