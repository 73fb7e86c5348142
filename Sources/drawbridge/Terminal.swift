import Glibc
import Wire

/// Where the user reads and types: questions and refusals on the standard error, results on the standard output.
final class Terminal {
  enum Style: String {
    case plain = ""
    case good = "32"
    case warning = "33"
    case bad = "31"
    case bold = "1"
  }

  enum Input: Equatable {
    case line([UInt8])
    /// The end of the input, or nobody typed anything for ``inputMaxSeconds``.
    case end
    /// The daemon said something first.
    case interrupted
    case tooLong
  }

  /// The longest that a daemon waits for an answer is a quarter of this.
  static let inputMaxSeconds = 3600

  private let endsWithReader: Bool
  private var typed: ArraySlice<UInt8> = []
  private var isAtEnd = false

  /// - Parameter endsWithReader: whether nothing is left to do once nobody reads the results any more. What changes
  ///   accounts goes on.
  init(endsWithReader: Bool = false) { self.endsWithReader = endsWithReader }

  /// A result, on the standard output.
  func say(_ text: String, _ style: Style = .plain) {
    write(text, style, end: "\n", to: STDOUT_FILENO)
  }

  /// A question, a hint or a refusal, on the standard error.
  func tell(_ text: String, _ style: Style = .plain) {
    write(text, style, end: "\n", to: STDERR_FILENO)
  }

  /// Shows how far something has come, over what was shown before; on a terminal alone. Nil takes it away.
  func showProgress(_ text: String?) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    write("\r\(text ?? "")\u{1B}[K", .plain, end: "", to: STDERR_FILENO)
  }

  /// Asks for a line. With `hidden`, a terminal does not show it.
  ///
  /// - Parameter other: a descriptor whose becoming readable ends the wait as ``Input/interrupted``.
  func ask(_ prompt: String, hidden: Bool, unlessReadable other: Int32) -> Input {
    write(prompt, .bold, end: ": ", to: STDERR_FILENO)
    let echo = hidden ? EchoOff(STDIN_FILENO) : nil
    let input = nextLine(unlessReadable: other, echo)
    echo?.restore()
    // Where no terminal showed the end of the line, the next one would follow the prompt.
    if echo != nil || !input.isLine || isatty(STDIN_FILENO) == 0 { tell("") }
    return input
  }

  private func nextLine(unlessReadable other: Int32, _ echo: EchoOff?) -> Input {
    let deadline = Deadline(seconds: Self.inputMaxSeconds)
    while true {
      if let end = typed.firstIndex(of: 0x0A) {
        defer { typed = typed[end...].dropFirst() }
        return .line(Array(typed[..<end]))
      }
      guard typed.count <= LineLimit.lineMaxBytes else { return .tooLong }
      if isAtEnd {
        // A last line may lack its LF.
        defer { typed = [] }
        return typed.isEmpty ? .end : .line(Array(typed))
      }
      guard !deadline.isOver else { return .end }
      var ready = [STDIN_FILENO, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      let waitMilliseconds = echo == nil ? deadline.remainingMilliseconds : EchoOff.signalWaitMaxMilliseconds
      let count = poll(&ready, nfds_t(ready.count), Int32(clamping: waitMilliseconds))
      echo?.obeySignals()
      guard count > 0 else { continue }
      if ready.first?.revents == 0 { return .interrupted }
      fill()
    }
  }

  private func fill() {
    var chunk = [UInt8](repeating: 0, count: LineLimit.lineMaxBytes)
    let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
    if count > 0 { typed += chunk.prefix(count) }
    if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { isAtEnd = true }
  }

  private func write(_ text: String, _ style: Style, end: String, to descriptor: Int32) {
    let isStyled = style != .plain && !text.isEmpty && Self.hasColours(descriptor)
    var rest = Array(((isStyled ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text) + end).utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE, endsWithReader, descriptor == STDOUT_FILENO {
        Self.endAsUnread()
      } else if errno != EINTR {
        return
      }
    }
  }

  /// Whoever read the results has gone, as `head` and pagers do: this ends quietly by the signal that is ignored for the
  /// sake of sockets, as every other command of a pipeline. A shell sees 141.
  private static func endAsUnread() -> Never {
    signal(SIGPIPE, SIG_DFL)
    var mask = sigset_t()
    sigemptyset(&mask)
    sigaddset(&mask, SIGPIPE)
    sigprocmask(SIG_UNBLOCK, &mask, nil)
    raise(SIGPIPE)
    _exit(128 + SIGPIPE)  // not reached
  }

  /// Colours are for terminals, and for people who have not asked for none (no-color.org).
  private static func hasColours(_ descriptor: Int32) -> Bool {
    guard isatty(descriptor) == 1 else { return false }
    let isUnwanted = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { strcmp($0, "dumb") == 0 } ?? true
    return !isUnwanted && !isDumb
  }
}

extension Terminal.Input {
  fileprivate var isLine: Bool {
    if case .line = self { true } else { false }
  }
}

extension String {
  /// The text without what commands a terminal or turns its reading direction around: C0, DEL, C1, and the bidirectional
  /// controls of UAX #9. A daemon's text may quote a directory's value, and that anybody's input.
  var withoutControls: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.filter {
          $0.properties.generalCategory != .control && !(0x202A...0x202E).contains($0.value)
            && !(0x2066...0x2069).contains($0.value)
        }))
  }
}

extension Reply {
  /// The value of a field as it may be shown.
  func shown(_ name: String) -> String? {
    self[name]?.shown
  }
}

extension [UInt8] {
  var shown: String { String(decoding: self, as: UTF8.self).withoutControls }
}
