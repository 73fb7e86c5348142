import Glibc

/// A terminal that does not show what is typed, until ``restore()``.
///
/// The signals that would end or stop the process in between are held back and obeyed between two polls, the terminal put
/// right first. So there is no handler, and nothing that must be safe in one (signal-safety(7)).
final class EchoOff {
  /// How late a held-back signal may be obeyed.
  static let signalWaitMaxMilliseconds = 100
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  private let descriptor: Int32
  private let original: termios
  private var held = sigset_t()
  private var before = sigset_t()

  /// Nil where the descriptor is no terminal, whose typing nobody sees anyway.
  init?(_ descriptor: Int32) {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    self.descriptor = descriptor
    original = settings
    sigemptyset(&held)
    for number in Self.signals { sigaddset(&held, number) }
    hide()
  }

  private func hide() {
    sigprocmask(SIG_BLOCK, &held, &before)
    var settings = original
    settings.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(descriptor, TCSADRAIN, &settings)
  }

  func restore() {
    var settings = original
    tcsetattr(descriptor, TCSADRAIN, &settings)
    sigprocmask(SIG_SETMASK, &before, nil)
  }

  /// Does what a signal that came meanwhile would have done. After a stop (Ctrl-Z) it goes on here, hidden again.
  func obeySignals() {
    var pending = sigset_t()
    sigpending(&pending)
    guard Self.signals.contains(where: { sigismember(&pending, $0) == 1 }) else { return }
    restore()  // and with the mask gone, the signal arrives
    hide()
  }
}
