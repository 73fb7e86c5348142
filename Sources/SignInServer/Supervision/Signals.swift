internal import Glibc
internal import Logging
internal import UnixSignals

/// The signals that a service manager, or a person at a terminal, sends.
enum Signals {
  /// Trapped before the first client is served; listens until it is cancelled.
  ///
  /// - Parameter stop: called for the first SIGTERM or SIGINT. The second one ends the process at once.
  static func listen(_ signals: UnixSignalsSequence, logger: Logger, stop: @Sendable () -> Void) async {
    var isStopping = false
    for await received in signals {
      guard isStopping else {
        logger.notice("stopping", metadata: ["signal": "\(received)"])
        isStopping = true
        stop()
        continue
      }
      logger.warning("ending at once", metadata: ["signal": "\(received)"])
      // As if it had never been trapped, so that whoever waits for the process sees why it ended.
      let number = received == .sigint ? SIGINT : SIGTERM
      signal(number, SIG_DFL)
      kill(getpid(), number)
    }
  }
}
