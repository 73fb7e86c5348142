import Wire

/// Content records of LDIF (RFC 2849), as `ldapsearch` and `slapcat` write them.
///
/// Of each, the first `mail` and `uid`, `cn`, `sn` and `givenName`, and `userPassword` count. The `dn` tells where it
/// came from, and no more.
final class LDIFSource: ImportSource {
  static let recordMaxBytes = 4 << 20

  private static let names: [String: String] = [
    "mail": "mail", "uid": "uid", "cn": "cn", "sn": "sn", "givenname": "givenName", "userpassword": "hash",
  ]

  private let reader: LineReader

  init(_ reader: LineReader) { self.reader = reader }

  func next() throws(InputError) -> ImportEntry {
    while true {
      let (first, lines, fault) = try record()
      if let fault { return .fault(line: first, fault) }
      if lines.isEmpty { return .end(fault: nil, line: max(1, first)) }
      if lines.count == 1, lines[0].starts(with: "version:".utf8) { continue }
      return entry(lines, first)
    }
  }

  private func entry(_ lines: [[UInt8]], _ first: Int) -> ImportEntry {
    var values: [(name: String, value: [UInt8])] = []
    for line in lines where !line.starts(with: "version:".utf8) {
      guard let (attribute, value) = Self.attribute(line) else {
        return .fault(line: first, "no line of LDIF, or no base64")
      }
      if attribute == "changetype", !value.elementsEqual("add".utf8) {
        return .fault(line: first, "a change, where an entry was awaited")
      }
      guard let name = Self.names[attribute] else { continue }
      if values.contains(where: { $0.name == name }) {
        guard name == "hash" else { continue }
        return .fault(line: first, "several values of userPassword")
      }
      if !value.isEmpty { values.append((name, value)) }
    }
    return ImportRow(line: first, values: values).map { .row($0) } ?? .nobody(line: first)
  }

  /// The lines of the next record, unfolded and without comments.
  private func record() throws(InputError) -> (line: Int, lines: [[UInt8]], fault: String?) {
    var lines: [[UInt8]] = []
    var first = reader.number + 1
    var isComment = false
    var size = 0
    while let line = try reader.line().map(Self.withoutCR) {
      if line.isEmpty {
        if lines.isEmpty { continue }
        break
      }
      if line.first == 0x20 {
        // A comment may be folded, too.
        if isComment { continue }
        guard !lines.isEmpty else { return (reader.number, [], "a line continues nothing") }
        lines[lines.count - 1] += line.dropFirst()
      } else {
        isComment = line.first == UInt8(ascii: "#")
        if isComment { continue }
        if lines.isEmpty { first = reader.number }
        lines.append(line)
      }
      size += line.count
      guard size <= Self.recordMaxBytes else { return (first, [], "a record of more than 4 MiB") }
    }
    return (first, lines, nil)
  }

  private static func withoutCR(_ line: [UInt8]) -> [UInt8] { line.last == 0x0D ? line.dropLast() : line }

  /// The name, lower-cased and without options, and the value of a line. Nil for what is none; a value that stands in
  /// another file (`:<`) is not fetched.
  private static func attribute(_ line: [UInt8]) -> (String, [UInt8])? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
    let name = String(decoding: line[..<colon].prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self).lowercased()
    var rest = line[(colon + 1)...]
    let mark = rest.first
    if mark == UInt8(ascii: "<") { return nil }
    if mark == UInt8(ascii: ":") { rest = rest.dropFirst() }
    let value = rest.drop { $0 == 0x20 }
    guard mark == UInt8(ascii: ":") else { return (name, Array(value)) }
    return Base64.decode(value).map { (name, $0) }
  }
}

/// RFC 4648, section 4.
enum Base64 {
  /// Nil for a byte outside the alphabet, and for a length that no bytes have.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    var (held, bits) = (UInt32(0), 0)
    var digits = text.reversed().drop { $0 == UInt8(ascii: "=") }
    digits.reverse()
    guard text.count - digits.count <= 2, digits.count % 4 != 1 else { return nil }
    for byte in digits {
      guard let digit = value(byte) else { return nil }
      held = (held << 6 | digit) & 0xFFFF
      bits += 6
      guard bits >= 8 else { continue }
      bits -= 8
      decoded.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
    }
    return decoded
  }

  private static func value(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x41...0x5A: UInt32(byte) - 0x41
    case 0x61...0x7A: UInt32(byte) - 0x61 + 26
    case 0x30...0x39: UInt32(byte) - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
