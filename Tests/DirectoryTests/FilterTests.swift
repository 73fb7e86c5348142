import Fixtures
import Foundation
import Testing

@testable import Directory

@Suite("Filters", .serialized) struct FilterTests {
  /// Every string of one byte and of two.
  private static let short: [[UInt8]] = {
    let bytes = Array(UInt8.min...UInt8.max)
    return bytes.map { [$0] } + bytes.flatMap { first in bytes.map { [first, $0] } }
  }()

  /// RFC 4515, section 3, read backwards; nil for anything but letters, digits and `\xx`.
  private func unescaped(_ text: Substring) -> [UInt8]? {
    var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        bytes.append(byte)
      case UInt8(ascii: "\\"):
        guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          return nil
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: return nil
      }
    }
    return bytes
  }

  @Test("every byte string of up to two bytes is written so that it is read as itself")
  func escapes() {
    #expect(Self.short.count == 65_792)
    for value in Self.short {
      for (filter, sign) in [
        (Filter.equal(.mail, value), "="), (.atLeast(.mail, value), ">="), (.atMost(.mail, value), "<="),
      ] {
        let text = filter.text
        guard text.hasPrefix("(mail\(sign)"), text.hasSuffix(")"),
          unescaped(text.dropFirst(5 + sign.count).dropLast()) == value
        else {
          Issue.record("\(value): \(text)")
          return
        }
      }
    }
    #expect(Filter.equal(.mail, [UInt8]()).text == "(mail=)")
  }

  @Test("slapd finds, by a value, the entry that holds it and no other")
  func findsItself() async throws {
    // All single bytes, all pairs of what a filter gives a meaning to, and pairs from all over.
    let special = Array("*()\\&|!=<>~:/ \0\u{13}#,+;\"".utf8) + [0x7F, 0x80, 0xFF]
    let pairs = special.flatMap { first in special.map { [first, $0] } }
    let spread = stride(from: 256, to: Self.short.count, by: 53).map { Self.short[$0] }
    let values = Array(
      Set(Self.short.prefix(256) + pairs + spread).sorted { $0.lexicographicallyPrecedes($1) }.prefix(2000))
    #expect(values.count >= 1_900)

    var options = Slapd.Options()
    options.extraDatabaseLines = ["index drawbridgePassword eq"]
    try await Slapd.withAccounts(options) { slapd, directory in
      try slapd.add(
        values.enumerated().map { Slapd.account("u\($0)", [Slapd.line("drawbridgePassword", $1)]) }.joined())
      for (number, value) in values.enumerated() {
        let found = try await directory.search(
          base: Slapd.suffix, filter: .equal(.password, value), sizeLimit: 10, alsoReading: [.uid])
        #expect(found.map { $0.string(.uid) } == ["u\(number)"], "\(value)")
      }
      let none = try await directory.search(
        base: Slapd.suffix, filter: .equal(.uid, "*)(uid=*"), sizeLimit: 10)
      #expect(none.isEmpty)
    }
  }

  @Test(
    "an attribute's name is a short descriptor",
    arguments: [
      ("mail", true), ("x-login2", true), ("", false), ("2mail", false), ("-a", false), ("ma il", false),
      ("mail)(uid=*", false), ("mail;binary", false), ("maıl", false), ("a*", false),
      (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
    ])
  func names(name: String, isOne: Bool) {
    #expect((Attribute(name) != nil) == isOne)
  }
}
