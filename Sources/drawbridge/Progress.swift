import Glibc

/// How far long work has come: one line on the standard error that is written over. Nothing where that is no terminal.
final class Progress {
  private static let pauseMilliseconds = 200

  private let what: String
  private let isShown = isatty(STDERR_FILENO) == 1
  private let begun = Deadline.nowMilliseconds()
  private var shownAt = 0
  private var count = 0

  /// - Parameter what: what is counted, in the plural.
  init(_ what: String) { self.what = what }

  func advance() {
    count += 1
    let now = Deadline.nowMilliseconds()
    guard isShown, now - shownAt >= Self.pauseMilliseconds else { return }
    shownAt = now
    let rate = count * 1000 / max(1, now - begun)
    write("\r\u{1B}[K\(count) \(what), \(rate)/s")
  }

  /// Makes room for another line.
  func clear() {
    guard isShown, shownAt > 0 else { return }
    write("\r\u{1B}[K")
    shownAt = 0
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
