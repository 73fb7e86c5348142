internal import Configuration
internal import Directory
internal import Logging
internal import Secrets
internal import ServiceLifecycle
internal import SignIn
internal import Wire

/// Sweeps at the times that are set, until the daemon stops. A little chance keeps the daemons of one directory apart,
/// though nothing goes wrong where they meet.
struct SweepSchedule: Service {
  let current: CurrentParts
  /// Of an interval, before the first sweep: whoever starts a daemon wants to see one.
  private static let delayAfterStart = Duration.seconds(60)
  /// The host's clock may be set while it is waited for, and the times may be set anew.
  private static let lookMax = Duration.seconds(5)

  /// When the next one begins, by times that are set.
  private struct Plan {
    enum Due {
      case instant(ContinuousClock.Instant)
      /// By the host's clock, and so much later.
      case time(Timestamp, Duration)
    }

    let times: SweepTimes
    let jitter: TimeSpan
    var due: Due
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      let begun = ContinuousClock.now
      var last: ContinuousClock.Instant?
      var plan: Plan?
      while !Task.isCancelled {
        let settings = current.parts.configuration.inactivity
        let times = SweepTimes(settings)
        if plan?.times != times || plan?.jitter != settings.jitter {
          plan = times.map { self.plan($0, settings.jitter, begun: begun, last: last) }
        }
        let left = wait(for: &plan)
        if let now = plan, left <= .zero {
          await sweepOnce()
          last = .now
          plan = self.plan(now.times, now.jitter, begun: begun, last: last)
        } else {
          try await Task.sleep(for: min(left, Self.lookMax))
        }
      }
    }
  }

  private func plan(
    _ times: SweepTimes, _ jitter: TimeSpan, begun: ContinuousClock.Instant, last: ContinuousClock.Instant?
  ) -> Plan {
    switch times {
    case .every(let interval):
      let chance = TimeSpan(clamping: min(jitter.milliseconds, interval.milliseconds / 10))
      let due =
        last.map { $0 + interval.duration + delay(upTo: chance) } ?? begun
        + min(interval.duration, Self.delayAfterStart)
      return Plan(times: times, jitter: jitter, due: .instant(due))
    case .at(let hours):
      let next = SweepTimes.next(hours, after: current.service.now())
      return Plan(times: times, jitter: jitter, due: .time(next, delay(upTo: jitter)))
    }
  }

  private func wait(for plan: inout Plan?) -> Duration {
    if case .time(let time, let delay) = plan?.due {
      let left = time.secondsSince(current.service.now())
      if left > 0 { return .seconds(left) }
      plan?.due = .instant(.now + delay)
    }
    guard case .instant(let instant) = plan?.due else { return Self.lookMax }
    return ContinuousClock.now.duration(to: instant)
  }

  private func delay(upTo longest: TimeSpan) -> Duration {
    let drawn = (try? current.service.random(8)) ?? [0]
    let number = drawn.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return .milliseconds(Int64(number % UInt64(longest.milliseconds + 1)))
  }

  private func sweepOnce() async {
    let sweep = current.parts.sweep
    do throws(Sweep.Failure) {
      // A refusal has been told where it was found.
      guard case .swept(let summary) = try await sweep.run(.full, tell: { _ in true }) else { return }
      sweep.service.audit(summary.event(.full, peer: nil))
    } catch .stopped {
      return
    } catch {
      sweep.service.logger.error(
        "the sweep was cut short; the next one goes on", metadata: ["reason": "\(error.text)"])
    }
  }
}
