/// A distinguished name that can be compared: attribute types and values without regard to ASCII case, escapes
/// resolved (RFC 4514, section 3), RDNs of several values in any order. Where it cannot tell (letters beyond ASCII in
/// another case), two names differ.
public struct DistinguishedName: Sendable, Hashable {

  /// The RDNs from the entry up, each as its `type=value` pairs, sorted.
  private let names: [[[UInt8]]]
  /// The RDNs as they were written.
  private let texts: [String]

  /// Nil for the empty name and for anything that RFC 4514 does not read as one, values in the form `#…` among it.
  public init?(_ text: String) {
    var parser = Parser(Array(text.utf8)[...])
    guard let parsed = parser.names(), !parsed.isEmpty else { return nil }
    names = parsed.map(\.pairs)
    texts = parsed.map { String(decoding: $0.text, as: UTF8.self) }
  }

  private init(names: [[[UInt8]]], texts: [String]) {
    self.names = names
    self.texts = texts
  }

  public var depth: Int { names.count }

  /// As it was written.
  public var text: String { texts.joined(separator: ",") }

  /// The name of so many RDNs at the root's end; nil where there are not so many.
  public func suffix(_ depth: Int) -> DistinguishedName? {
    guard (1...names.count).contains(depth) else { return nil }
    return DistinguishedName(names: names.suffix(depth), texts: texts.suffix(depth))
  }

  /// The deepest name that both are, or are below.
  public func commonAncestor(with other: DistinguishedName) -> DistinguishedName? {
    suffix(zip(names.reversed(), other.names.reversed()).prefix { $0 == $1 }.count)
  }

  public static func == (a: DistinguishedName, b: DistinguishedName) -> Bool { a.names == b.names }
  public func hash(into hasher: inout Hasher) { hasher.combine(names) }
}

/// Reads the string form byte by byte: an escaped comma ends no RDN.
private struct Parser {
  private let all: ArraySlice<UInt8>
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    all = bytes
    rest = bytes
  }

  mutating func names() -> [(pairs: [[UInt8]], text: ArraySlice<UInt8>)]? {
    var names: [(pairs: [[UInt8]], text: ArraySlice<UInt8>)] = []
    while true {
      skipBlanks()
      let start = rest.startIndex
      var pairs: [[UInt8]] = []
      repeat {
        guard let pair = pair() else { return nil }
        pairs.append(pair)
      } while take(UInt8(ascii: "+"))
      names.append((pairs.sorted { $0.lexicographicallyPrecedes($1) }, all[start..<rest.startIndex]))
      if rest.isEmpty { return names }
      guard take(UInt8(ascii: ",")) else { return nil }
    }
  }

  private mutating func pair() -> [UInt8]? {
    skipBlanks()
    let type = rest.prefix { $0 != UInt8(ascii: "=") && $0 != 0x20 }
    rest = rest.dropFirst(type.count)
    skipBlanks()
    guard !type.isEmpty, type.allSatisfy(Self.isTypeByte), take(UInt8(ascii: "=")), let value = value() else {
      return nil
    }
    let name = String(decoding: type.folded, as: UTF8.self)
    return Array((Self.shortNames[name] ?? name).utf8) + [UInt8(ascii: "=")] + value.folded
  }

  private mutating func value() -> [UInt8]? {
    skipBlanks()
    guard rest.first != UInt8(ascii: "#") else { return nil }
    var value: [UInt8] = []
    /// Blanks at the end that nothing escapes are none of the value.
    var length = 0
    while let byte = rest.first, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+") {
      rest = rest.dropFirst()
      switch byte {
      case UInt8(ascii: "\\"):
        guard let escaped = escaped() else { return nil }
        value.append(escaped)
        length = value.count
      case 0, UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"): return nil
      default:
        value.append(byte)
        if byte != 0x20 { length = value.count }
      }
    }
    return Array(value.prefix(length))
  }

  /// What stands behind a backslash: two hexadecimal digits, or one of the special characters.
  private mutating func escaped() -> UInt8? {
    guard let first = rest.popFirst() else { return nil }
    if let high = Self.digit(first) {
      guard let low = rest.popFirst().flatMap({ Self.digit($0) }) else { return nil }
      return high << 4 | low
    }
    return "\"+,;<>\\ #=".utf8.contains(first) ? first : nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 } }

  private static func isTypeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// Other spellings of the types of RFC 4514, section 3: a server writes the short ones.
  private static let shortNames = [
    "commonname": "cn", "2.5.4.3": "cn", "localityname": "l", "2.5.4.7": "l", "stateorprovincename": "st",
    "2.5.4.8": "st", "organizationname": "o", "2.5.4.10": "o", "organizationalunitname": "ou", "2.5.4.11": "ou",
    "countryname": "c", "2.5.4.6": "c", "streetaddress": "street", "2.5.4.9": "street", "domaincomponent": "dc",
    "0.9.2342.19200300.100.1.25": "dc", "userid": "uid", "0.9.2342.19200300.100.1.1": "uid",
  ]
}

extension Collection<UInt8> {
  /// Without regard to ASCII case.
  var folded: [UInt8] { map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } }
}
