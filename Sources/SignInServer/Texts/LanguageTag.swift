/// A language by its tag (BCP 47), in lower case: `fr`, `nl-be`.
struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
  /// RFC 5646, section 4.4.1.
  static let maxBytes = 35
  /// Of a list of preferences.
  static let tagsMax = 16

  let description: String

  /// Nil for what is no tag: letters, digits and single hyphens, beginning with a letter.
  init?(_ bytes: some Collection<UInt8>) {
    let subtags = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard bytes.count <= Self.maxBytes, subtags.allSatisfy({ (1...8).contains($0.count) }),
      bytes.first.map(Self.isLetter) ?? false,
      bytes.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
    else { return nil }
    description = String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }

  /// The tag, and what is left of it without its last subtag, and so on (RFC 4647, section 3.4).
  var ranges: [LanguageTag] {
    let subtags = description.split(separator: "-")
    return (1...max(1, subtags.count)).reversed()
      .compactMap { LanguageTag(Array(subtags.prefix($0).joined(separator: "-").utf8)) }
  }

  /// A list of preferences as `preferredLanguage` has it (RFC 2798, section 2.7): `fr, en-gb;q=0.8`, the best first.
  static func preferences(_ bytes: [UInt8]) -> [LanguageTag] {
    let rated = bytes.split(separator: UInt8(ascii: ",")).prefix(tagsMax).compactMap { item in
      let parts = item.filter { $0 != 0x20 && $0 != 0x09 }.split(separator: UInt8(ascii: ";"))
      return parts.first.flatMap { LanguageTag($0) }.map { (tag: $0, weight: weight(parts.dropFirst().first)) }
    }
    // A sort need not keep the order of equals.
    return rated.enumerated().filter { $0.element.weight > 0 }
      .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }.map(\.element.tag)
  }

  /// In thousandths: `q=0.8` (RFC 9110, section 12.4.2).
  private static func weight(_ parameter: ArraySlice<UInt8>?) -> Int {
    guard let parameter, parameter.starts(with: "q=0".utf8) else { return 1000 }
    let digits = parameter.dropFirst(4).prefix(3).filter { (0x30...0x39).contains($0) }.map { Int($0 - 0x30) }
    return zip(digits, [100, 10, 1]).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
