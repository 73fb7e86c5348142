import Secrets
import Testing

struct RecoveryCodeTests {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  @Test func eachSymbolIsFiveBitsOfOneByte() throws {
    for byte in UInt8.min...UInt8.max {
      let drawn = try RecoveryCode.draw { count in [byte] + [UInt8](repeating: 0, count: count - 1) }
      #expect(drawn.first == Self.alphabet[Int(byte) % 32])
      #expect(drawn.count == RecoveryCode.length && drawn.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") })
    }
    // 64 bits are wanted of a saved recovery code.
    #expect(RecoveryCode.length * 5 >= 64)
  }

  @Test func noRandomnessIsNoCode() {
    #expect(throws: RandomFailure.self) { try RecoveryCode.draw { _ in [] } }
    #expect(throws: RandomFailure.self) {
      try RecoveryCode.draw { count in [UInt8](repeating: 1, count: count - 1) }
    }
  }

  @Test func itIsShownInThreeGroups() {
    #expect(RecoveryCode.grouped(Array("7HQ2M9XNF48DV".utf8)) == Array("7HQ2-M9XN-F48DV".utf8))
  }

  @Test(arguments: [
    "7H10-M9XN-F48DV", "7h10-m9xn-f48dv", "7H10M9XNF48DV", "7H1O M9XN F48DV", "  7hIo-m9xn--f48dv ", "7HLo-M9XN-F48DV",
    "7-H-1-0-M-9-X-N-F-4-8-D-V", "7hl0m9xnf48dv",
  ])
  func whatPeopleTypeIsTheSameCode(typed: String) {
    #expect(RecoveryCode.symbols(of: Array(typed.utf8)) == Array("7H10M9XNF48DV".utf8))
  }

  @Test(arguments: [
    "", "-", "7H10-M9XN-F48D", "7H10-M9XN-F48DVV", "7H1U-M9XN-F48DV", "7H10_M9XN_F48DV", "7H10\tM9XN-F48DV", "123456",
    "7H10-M9XN-F48DV\r", "７H10-M9XN-F48DV", "7H10-M9XN-F48D\0", "7H10–M9XN–F48DV",
  ])
  func anythingElseIsNone(typed: String) {
    #expect(RecoveryCode.symbols(of: Array(typed.utf8)) == nil)
  }

  @Test func everyByteButItsSpellingsMakesItNone() {
    let code = Array("7H10M9XNF48DV".utf8)
    for byte in UInt8.min...UInt8.max {
      let upper = (0x61...0x7A).contains(byte) ? byte - 0x20 : byte
      let symbols = RecoveryCode.symbols(of: code.dropLast() + [byte])
      let isSymbol = Self.alphabet.contains(upper) || [0x49, 0x4C, 0x4F].contains(upper)
      #expect((symbols != nil) == isSymbol, "\(byte)")
    }
  }
}
