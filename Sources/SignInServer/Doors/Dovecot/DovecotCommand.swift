/// A line of a client of Dovecot's authentication protocol 1.x: a command and its parameters, TABs between them.
/// What is not known is passed over, as the protocol asks for.
enum DovecotCommand: Equatable, Sendable {
  case version(major: UInt32)
  case authenticate(Authentication)
  /// The response to a challenge, in base64.
  case goOn(id: UInt32, response: [UInt8])
  case cancel(id: UInt32)
  case unknown

  struct Authentication: Equatable, Sendable {
    let id: UInt32
    let mechanism: [UInt8]
    var service: [UInt8]?
    /// `rip=`: the address of the user's host.
    var from: [UInt8]?
    /// The initial response, in base64; nil where there is none.
    var response: [UInt8]?
  }

  /// No number where one has to stand. Nothing can be answered, since an answer names the request.
  struct Malformed: Error, Equatable {}

  init(_ line: [UInt8]) throws(Malformed) {
    let words = (line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...])
      .split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { Self.unescaped($0) }
    func number(_ index: Int) throws(Malformed) -> UInt32 {
      guard words.indices.contains(index), let number = Self.number(words[index]) else { throw Malformed() }
      return number
    }
    switch words.first.map({ String(decoding: $0, as: UTF8.self) }) {
    case "VERSION": self = .version(major: try number(1))
    case "AUTH":
      guard words.count >= 3 else { throw Malformed() }
      var authentication = Authentication(id: try number(1), mechanism: words[2])
      for word in words.dropFirst(3) {
        guard let sign = word.firstIndex(of: UInt8(ascii: "=")) else { continue }
        let value = Array(word[(sign + 1)...])
        switch String(decoding: word[..<sign], as: UTF8.self) {
        case "service": authentication.service = value
        case "rip": authentication.from = value
        case "resp": authentication.response = value
        default: break
        }
      }
      self = .authenticate(authentication)
    case "CONT":
      guard words.count == 3 else { throw Malformed() }
      self = .goOn(id: try number(1), response: words[2])
    case "CANCEL": self = .cancel(id: try number(1))
    default: self = .unknown
    }
  }

  /// Ten digits at the most.
  private static func number(_ word: [UInt8]) -> UInt32? {
    guard 1...10 ~= word.count, word.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return UInt32(exactly: word.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) })
  }

  private static func unescaped(_ word: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var isEscaped = false
    for byte in word {
      if isEscaped {
        result.append(DovecotEscape.meant(by: byte))
        isEscaped = false
      } else if byte == DovecotEscape.sign {
        isEscaped = true
      } else {
        result.append(byte)
      }
    }
    return result
  }
}

/// How bytes that would end a parameter or a line are written.
enum DovecotEscape {
  static let sign: UInt8 = 0x01
  private static let letters: [(written: UInt8, meant: UInt8)] = [
    (UInt8(ascii: "0"), 0x00), (UInt8(ascii: "1"), sign), (UInt8(ascii: "t"), 0x09), (UInt8(ascii: "r"), 0x0D),
    (UInt8(ascii: "n"), 0x0A),
  ]

  static func meant(by letter: UInt8) -> UInt8 { letters.first { $0.written == letter }?.meant ?? letter }

  static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte in letters.first { $0.meant == byte }.map { [sign, $0.written] } ?? [byte] }
  }
}
