import Secrets
import Synchronization
import Testing

struct MailedCodeTests {
  /// SplitMix64: the same numbers in each run.
  private final class Seeded: Sendable {
    private let state: Mutex<UInt64>
    init(_ seed: UInt64) { state = Mutex(seed) }

    func bytes(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in
        state.withLock { state in
          state &+= 0x9E37_79B9_7F4A_7C15
          var z = state
          z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
          z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
          return UInt8(truncatingIfNeeded: z ^ z >> 31)
        }
      }
    }
  }

  @Test func everyDigitIsAsLikelyInEveryPlace() throws {
    let source = Seeded(1)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: MailedCode.digits)
    let draws = 100_000
    for _ in 0..<draws {
      let code = try MailedCode.draw { count in source.bytes(count) }
      #expect(code.count == MailedCode.digits && code.allSatisfy { (0x30...0x39).contains($0) })
      for (place, digit) in code.enumerated() { counts[place][Int(digit) - 0x30] += 1 }
    }
    let expected = Double(draws) / 10
    for place in counts {
      let chiSquare = place.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
      #expect(chiSquare < 33.7)  // nine degrees of freedom, one run in ten thousand
    }
  }

  @Test(
    arguments: [
      ([0, 0, 0, 0], "000000"), ([0, 0, 0, 7], "000007"), ([0, 15, 66, 64], "000000"),
      ([0xFF, 0xF1, 0x3D, 0x7F], "999999"),
    ] as [([UInt8], String)])
  func leadingZerosStay(drawn: [UInt8], code: String) throws {
    #expect(try MailedCode.draw { _ in drawn } == Array(code.utf8))
  }

  @Test func whatWouldFavourLowCodesIsDrawnAgain() throws {
    let drawn = Mutex<[[UInt8]]>([[0xFF, 0xF1, 0x3D, 0x80], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 5]])
    #expect(try MailedCode.draw { _ in drawn.withLock { $0.removeFirst() } } == Array("000005".utf8))
  }

  @Test func aBrokenSourceEndsTheDraw() {
    #expect(throws: RandomFailure.self) { try MailedCode.draw { _ in [0xFF, 0xFF, 0xFF, 0xFF] } }
    #expect(throws: RandomFailure.self) { try MailedCode.draw { _ in [1, 2, 3] } }
    #expect(throws: RandomFailure.self) { try MailedCode.draw { _ throws(RandomFailure) in throw RandomFailure() } }
  }

  @Test func theSystemGivesAsManyBytesAsAreAskedFor() throws {
    for count in [0, 1, 16, 4096] { #expect(try SystemRandom.bytes(count).count == count) }
    #expect(try SystemRandom.bytes(32) != SystemRandom.bytes(32))
    #expect(throws: RandomFailure.self) { try SystemRandom.bytes(-1) }
  }
}
