/// Why a filter is not taken; says where.
public struct FilterError: Error, Equatable, Sendable {
  /// For people, without a byte of the filter.
  public let text: String
}

extension Filter {
  /// How deep filters may stand in each other.
  public static let depthMax = 16
  public static let parsedMaxBytes = 2048

  /// Reads what an administrator wrote in the form of RFC 4515, and nothing else is ever sent: the value is written anew
  /// and escaped. Approximate and extensible matches, attribute options and object identifiers are not taken.
  public init(parsing text: [UInt8]) throws(FilterError) {
    guard text.count <= Self.parsedMaxBytes else {
      throw FilterError(text: "The filter is longer than \(Self.parsedMaxBytes) bytes.")
    }
    var parser = FilterParser(text)
    self = try parser.filter(depth: 1)
    try parser.end()
  }

  /// The attributes that it names.
  public var attributes: Set<Attribute> {
    switch self {
    case .all(let filters), .any(let filters): filters.reduce(into: []) { $0.formUnion($1.attributes) }
    case .not(let filter): filter.attributes
    case .present(let attribute), .equal(let attribute, _), .atLeast(let attribute, _), .atMost(let attribute, _),
      .substrings(let attribute, _):
      [attribute]
    }
  }
}

/// A recursive descent, as deep as ``Filter/depthMax``.
private struct FilterParser {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func filter(depth: Int) throws(FilterError) -> Filter {
    guard depth <= Filter.depthMax else { throw failure("more than \(Filter.depthMax) filters stand in each other") }
    try expect("(")
    let filter: Filter
    switch bytes.indices.contains(index) ? bytes[index] : 0 {
    case UInt8(ascii: "&"): filter = .all(try list(depth: depth))
    case UInt8(ascii: "|"): filter = .any(try list(depth: depth))
    case UInt8(ascii: "!"):
      index += 1
      filter = .not(try self.filter(depth: depth + 1))
    default: filter = try item()
    }
    try expect(")")
    return filter
  }

  func end() throws(FilterError) {
    guard index == bytes.count else { throw failure("something follows the filter") }
  }

  private mutating func list(depth: Int) throws(FilterError) -> [Filter] {
    index += 1
    var filters: [Filter] = []
    while index < bytes.count, bytes[index] == UInt8(ascii: "(") { filters.append(try filter(depth: depth + 1)) }
    guard !filters.isEmpty else { throw failure("a list of filters is empty") }
    return filters
  }

  private mutating func item() throws(FilterError) -> Filter {
    let name = String(
      decoding: take { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }, as: UTF8.self)
    guard let attribute = Attribute(name) else { throw failure("there is no plain name of an attribute") }
    let sign = index < bytes.count ? bytes[index] : 0
    if sign != UInt8(ascii: "=") { index += 1 }
    try expect("=")
    let parts = try value()
    guard sign == UInt8(ascii: "=") else {
      guard parts.count == 1, let value = parts.first, !value.isEmpty else { throw failure("a value is missing") }
      return sign == UInt8(ascii: ">") ? .atLeast(attribute, value) : .atMost(attribute, value)
    }
    if parts.count == 1, let value = parts.first {
      guard !value.isEmpty else { throw failure("a value is missing") }
      return .equal(attribute, value)
    }
    if parts.allSatisfy(\.isEmpty), parts.count == 2 { return .present(attribute) }
    guard parts.dropFirst().dropLast().allSatisfy({ !$0.isEmpty }), parts.contains(where: { !$0.isEmpty }) else {
      throw failure("two * stand side by side")
    }
    return .substrings(attribute, parts)
  }

  /// The value, cut at each `*` that is not escaped.
  private mutating func value() throws(FilterError) -> [[UInt8]] {
    var parts: [[UInt8]] = [[]]
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: ")"): return parts
      case UInt8(ascii: "("), 0: throw failure("a byte stands there that has to be escaped")
      case UInt8(ascii: "*"): parts.append([])
      case UInt8(ascii: "\\"):
        guard let high = digit(index + 1), let low = digit(index + 2) else {
          throw failure("a \\ is not followed by two hexadecimal digits")
        }
        parts[parts.count - 1].append(high << 4 | low)
        index += 2
      default: parts[parts.count - 1].append(byte)
      }
      index += 1
    }
    return parts
  }

  private func digit(_ index: Int) -> UInt8? {
    guard index < bytes.count else { return nil }
    switch bytes[index] {
    case 0x30...0x39: return bytes[index] - 0x30
    case 0x41...0x46: return bytes[index] - 0x37
    case 0x61...0x66: return bytes[index] - 0x57
    default: return nil
    }
  }

  private mutating func take(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let taken = bytes[index...].prefix(while: condition)
    index += taken.count
    return taken
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FilterError) {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else {
      throw failure("\(character) is missing")
    }
    index += 1
  }

  private func failure(_ what: String) -> FilterError {
    FilterError(text: "At byte \(index + 1) of the filter: \(what).")
  }
}
