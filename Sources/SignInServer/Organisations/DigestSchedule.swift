internal import Configuration
internal import Directory
internal import Logging
internal import ServiceLifecycle

/// Looks from time to time whether a month has begun whose digests nobody has sent.
struct DigestSchedule: Service {
  let current: CurrentParts
  private static let intervalMax = Duration.seconds(3600)
  private static let delayAfterStart = Duration.seconds(90)

  private var interval: Duration {
    min(current.parts.configuration.inactivity.sweepEvery?.duration ?? Self.intervalMax, Self.intervalMax)
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      try await Task.sleep(for: min(interval, Self.delayAfterStart))
      while !Task.isCancelled {
        await sendOnce()
        try await Task.sleep(for: interval)
      }
    }
  }

  private func sendOnce() async {
    guard let digests = current.parts.digests else { return }
    do throws(DirectoryError) { try await digests.send() } catch {
      digests.logger.error("digests were not sent; the next round goes on", metadata: ["reason": "\(error.text)"])
    }
  }
}
