/// A search filter or an assertion (RFC 4515), escaped by construction: there is no way to send a raw one.
public indirect enum Filter: Equatable, Sendable {
  case all([Filter])
  case any([Filter])
  case not(Filter)
  case present(Attribute)
  case equal(Attribute, [UInt8])
  case atLeast(Attribute, [UInt8])
  case atMost(Attribute, [UInt8])
  /// Beginning, parts in between, and end; the first and the last may be empty, those in between are not.
  case substrings(Attribute, [[UInt8]])

  static func equal(_ attribute: Attribute, _ value: String) -> Filter { .equal(attribute, Array(value.utf8)) }
  static func absent(_ attribute: Attribute) -> Filter { .not(.present(attribute)) }

  /// The attribute holds exactly what was read: this value, or none at all.
  static func unchanged(_ attribute: Attribute, _ value: [UInt8]?) -> Filter {
    value.map { .equal(attribute, $0) } ?? absent(attribute)
  }

  /// The string form. Every byte of a value but ASCII letters and digits is written as `\xx` (RFC 4515, section 3).
  var text: String {
    switch self {
    case .all(let filters): "(&" + filters.map(\.text).joined() + ")"
    case .any(let filters): "(|" + filters.map(\.text).joined() + ")"
    case .not(let filter): "(!" + filter.text + ")"
    case .present(let attribute): "(\(attribute.name)=*)"
    case .equal(let attribute, let value): "(\(attribute.name)=\(Self.escape(value)))"
    case .atLeast(let attribute, let value): "(\(attribute.name)>=\(Self.escape(value)))"
    case .atMost(let attribute, let value): "(\(attribute.name)<=\(Self.escape(value)))"
    case .substrings(let attribute, let parts):
      "(\(attribute.name)=" + parts.map(Self.escape).joined(separator: "*") + ")"
    }
  }

  private static func escape(_ value: [UInt8]) -> String {
    var text = ""
    text.reserveCapacity(value.count * 3)
    for byte in value {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += byte < 16 ? "\\0" + String(byte, radix: 16) : "\\" + String(byte, radix: 16)
      }
    }
    return text
  }
}

/// The name of an attribute. Made from constants and from the configuration, whose names are checked there.
public struct Attribute: Hashable, Sendable, ExpressibleByStringLiteral {
  public let name: String
  public init(stringLiteral name: String) { self.name = name }

  /// Nil for anything that is not a short descriptor (RFC 4512, section 1.4: a letter, then letters, digits, hyphens).
  public init?(_ name: String) {
    let isKey = name.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case 0x41...0x5A, 0x61...0x7A: true
      case 0x30...0x39, 0x2D: index > 0
      default: false
      }
    }
    guard isKey, (1...64).contains(name.utf8.count) else { return nil }
    self.name = name
  }
}
