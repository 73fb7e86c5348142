internal import Glibc
internal import Logging
internal import UnixSignals

/// Each SIGHUP from now on. Trapped before the configuration is read, it ends no daemon that is not ready yet, and what
/// is changed meanwhile is read in the end.
public struct Hangups: Sendable {
  fileprivate let signals: UnixSignalsSequence

  public init() async { signals = await UnixSignalsSequence(trapping: .sighup) }
}

/// The signals that a service manager, or a person at a terminal, sends.
enum Signals {
  /// Trapped before the first client is served; listens until it is cancelled.
  ///
  /// - Parameters:
  ///   - hangups: heard until the daemon stops.
  ///   - stop: called for the first SIGTERM or SIGINT. The second one ends the process at once.
  ///   - reload: called for each SIGHUP before.
  static func listen(
    _ signals: UnixSignalsSequence, _ hangups: Hangups, logger: Logger, stop: @Sendable () -> Void,
    reload: @escaping @Sendable () -> Void
  ) async {
    let reloads = Task { for await _ in hangups.signals { reload() } }
    defer { reloads.cancel() }
    var isStopping = false
    for await received in signals {
      guard isStopping else {
        logger.notice("stopping", metadata: ["signal": "\(received)"])
        isStopping = true
        reloads.cancel()
        stop()
        continue
      }
      logger.warning("ending at once", metadata: ["signal": "\(received)"])
      // As if it had never been trapped, so that whoever waits for the process sees why it ended.
      let number = received == .sigint ? SIGINT : SIGTERM
      signal(number, SIG_DFL)
      // Threads that have taken it before keep it blocked; where all of them do, it would come here again and again.
      var own = sigset_t()
      sigemptyset(&own)
      sigaddset(&own, number)
      pthread_sigmask(SIG_UNBLOCK, &own, nil)
      raise(number)
    }
  }
}
