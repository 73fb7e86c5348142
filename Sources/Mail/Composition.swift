/// A message in the form of RFC 5322 and MIME (RFC 2045, 2047): lines of at most 998 bytes that end in CRLF, all ASCII.
enum Composition {
  /// The header fields, the blank line and the body.
  static func bytes(of message: Message, from sender: Sender, stamp: Stamp) -> [UInt8] {
    let domain = sender.address.utf8.drop { $0 != UInt8(ascii: "@") }
    let isPlain = message.body.utf8.allSatisfy { $0 < 0x80 } && longestLine(message.body) <= 76
    let fields = [
      "From: \(sender.name.map { phrase($0) + " " } ?? "")<\(sender.address)>",
      "To: <\(message.recipient)>",
      "Subject: \(unstructured(message.subject))",
      "Date: \(stamp.dateTime)",
      "Message-ID: <\(stamp.token)\(Substring(domain))>",
      "Auto-Submitted: auto-generated",  // RFC 3834: no out-of-office notes in return
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: \(isPlain ? "7bit" : "quoted-printable")",
    ]
    var bytes = Array(fields.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8)
    for line in lines(message.body) {
      bytes += isPlain ? Array(line) : quotedPrintable(line)
      bytes += [0x0D, 0x0A]
    }
    return bytes
  }

  /// An unstructured field body: as it is when it is printable ASCII and cannot be taken for an encoded word.
  static func unstructured(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { 0x20...0x7E ~= $0 } && !text.contains("=?") && text.utf8.count <= 900
    return isPlain ? text : encodedWords(text)
  }

  /// A display name: a quoted string, or encoded words (which must not stand in quotes: RFC 2047, section 5).
  static func phrase(_ text: String) -> String {
    guard text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }), !text.contains("=?") else { return encodedWords(text) }
    let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }
    return "\"\(escaped.joined())\""
  }

  /// Encoded words of RFC 2047 in the Q encoding, folded; no character is split between two of them (section 5).
  private static func encodedWords(_ text: String) -> String {
    let payloadMaxBytes = 52  // leaves room in a line of 76 for "Subject: =?utf-8?Q?" and "?="
    var words: [String] = [""]
    for scalar in text.unicodeScalars {
      let piece = String(scalar).utf8.map { byte in
        switch byte {
        case 0x20: "_"
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          String(UnicodeScalar(byte))
        default: escape(byte)
        }
      }.joined()
      if let last = words.popLast() {
        words += last.utf8.count + piece.utf8.count > payloadMaxBytes ? [last, piece] : [last + piece]
      }
    }
    return words.map { "=?utf-8?Q?\($0)?=" }.joined(separator: "\r\n ")
  }

  /// One line in quoted-printable (RFC 2045, section 6.7), broken softly at 76.
  static func quotedPrintable(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var encoded: [UInt8] = []
    var column = 0
    for (index, byte) in zip(line.indices, line) {
      let isLast = index == line.endIndex - 1
      let isBlank = byte == 0x20 || byte == 0x09
      let isLiteral = isBlank ? !isLast : 0x21...0x7E ~= byte && byte != UInt8(ascii: "=")
      let piece = isLiteral ? [byte] : Array(escape(byte).utf8)
      if column + piece.count > 75 {  // the "=" of the soft break is the 76th
        encoded += Array("=\r\n".utf8)
        column = 0
      }
      encoded += piece
      column += piece.count
    }
    return encoded
  }

  private static func escape(_ byte: UInt8) -> String {
    (byte < 0x10 ? "=0" : "=") + String(byte, radix: 16, uppercase: true)
  }

  private static func lines(_ body: String) -> [ArraySlice<UInt8>] {
    let lines = Array(body.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
    return lines.last?.isEmpty == true ? lines.dropLast() : lines
  }

  private static func longestLine(_ body: String) -> Int {
    lines(body).lazy.map(\.count).max() ?? 0
  }
}
