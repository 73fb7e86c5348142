internal import Directory
internal import Logging
internal import ServiceLifecycle

/// Sweeps a while after the start, and then at its interval, until the daemon stops.
struct SweepSchedule: Service {
  let sweep: Sweep
  let interval: Duration
  private static let delayAfterStart = Duration.seconds(60)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      try await Task.sleep(for: min(interval, Self.delayAfterStart))
      while !Task.isCancelled {
        await sweepOnce()
        try await Task.sleep(for: interval)
      }
    }
  }

  private func sweepOnce() async {
    var counts: [Sweep.Act: Int] = [:]
    do throws(DirectoryError) {
      let examined = try await sweep.run(dryRun: false) { counts[$0.act, default: 0] += 1 }
      let told = counts.map { "\($0.rawValue)=\($1)" }.sorted().joined(separator: " ")
      sweep.logger.notice("swept", metadata: ["examined": "\(examined)", "acts": "\(told)"])
    } catch {
      sweep.logger.error("the sweep was cut short; the next one goes on", metadata: ["reason": "\(error.text)"])
    }
  }
}
