internal import Directory
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Says that the daemon lives, as long as that is proven: the event loop turns, and an operation of the directory comes
/// to its end, by an answer or by its deadline. Where one of the two hangs this hangs with it, and the service manager
/// starts the daemon anew.
struct Watchdog: Service {
  let supervisor: Supervisor
  let accounts: AccountDirectory
  let metrics: Metrics
  /// Without a watchdog, only for the status that people see.
  private static let intervalMax = Duration.seconds(30)

  func run() async throws {
    let interval = min(supervisor.watchdog.map { $0 / 3 } ?? Self.intervalMax, Self.intervalMax)
    try? await cancelWhenGracefulShutdown {
      while true {
        try await MultiThreadedEventLoopGroup.singleton.any().submit {}.get()
        supervisor.tell(.alive, status: await status())
        try await Task.sleep(for: interval)
      }
    }
  }

  private func status() async -> String {
    do throws(DirectoryError) {
      let standing = try await accounts.standing()
      metrics.count { $0.lastSweep.ended = standing.lastSweep }
      return "serving; directory \(standing.uri)"
    } catch {
      return "serving, but the directory is down: \(error.text)"
    }
  }
}
