internal import Configuration
internal import Directory
internal import Logging
internal import Secrets
internal import ServiceLifecycle
internal import SignIn
internal import Wire

/// Sweeps at its times until the daemon stops. A little chance keeps the daemons of one directory apart, though nothing
/// goes wrong where they meet.
struct SweepSchedule: Service {
  let sweep: Sweep
  let times: SweepTimes
  let jitter: TimeSpan
  /// Of an interval, before the first sweep: whoever starts a daemon wants to see one.
  private static let delayAfterStart = Duration.seconds(60)
  /// The host's clock may be set while it is waited for.
  private static let lookMax = Duration.seconds(10)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      switch times {
      case .every(let interval):
        try await Task.sleep(for: min(interval.duration, Self.delayAfterStart))
        while !Task.isCancelled {
          await sweepOnce()
          let chance = TimeSpan(clamping: min(jitter.milliseconds, interval.milliseconds / 10))
          try await Task.sleep(for: interval.duration + delay(upTo: chance))
        }
      case .at(let times):
        while !Task.isCancelled {
          try await wait(until: SweepTimes.next(times, after: sweep.service.now()))
          try await Task.sleep(for: delay(upTo: jitter))
          await sweepOnce()
        }
      }
    }
  }

  private func wait(until time: Timestamp) async throws {
    while case let left = time.secondsSince(sweep.service.now()), left > 0 {
      try await Task.sleep(for: min(.seconds(left), Self.lookMax))
    }
  }

  private func delay(upTo longest: TimeSpan) -> Duration {
    let drawn = (try? sweep.service.random(8)) ?? [0]
    let number = drawn.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return .milliseconds(Int64(number % UInt64(longest.milliseconds + 1)))
  }

  private func sweepOnce() async {
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
