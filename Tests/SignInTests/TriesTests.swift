import Fixtures
import Testing

@testable import SignIn

@Suite("A budget as it is stored")
struct TriesTests {
  private let t = Timestamp.sample

  @Test("count, then a time for each try, newest last")
  func text() {
    let once = Tries.none.charged(at: t)
    #expect(once.stored == bytes("1 20261124075600.000000Z"))
    let thrice = once.charged(at: t.adding(seconds: 1)).charged(at: t.adding(seconds: 1))
    #expect(thrice.stored == bytes("3 20261124075600.000000Z 20261124075601.000000Z 20261124075601.000001Z"))
    #expect(
      thrice.interrupted().stored == bytes("0 20261124075600.000000Z 20261124075601.000000Z 20261124075601.000001Z"))
  }

  @Test("what was written reads as it was", arguments: [1, 2, 3] as [UInt64])
  func roundTrip(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      var now = random.time()
      var tries = Tries.none
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        now = now.adding(microseconds: Int64.random(in: 0...3_600_000_000, using: &random))
        tries = random.chance(5) ? tries.interrupted() : tries.charged(at: now)
      }
      guard let stored = tries.stored else { continue }
      #expect(Tries(stored: stored) == tries)
    }
  }

  @Test("a value in another hand reads, too")
  func handwriting() {
    let tries = Tries(stored: bytes("  7  20261124075600Z 202611240857+0100 "))
    #expect(tries.consecutive == 7)
    #expect(tries.recent == [t, t.adding(seconds: 60)])
    #expect(Tries(stored: bytes("0")).consecutive == 0)
    #expect(Tries(stored: bytes("0000012")).consecutive == 12)
  }

  static let garbage: [[UInt8]] =
    [
      "", " ", "     ", "x", "-1", "+1", "1.0", "1,0", "0x10", "1e3", "12345678", "99999999999999999999999999", "٣",
      "１",
      "1x 20261124075600Z", "1 x", "1 2026", "1 20261124075600", "1 20261324075600Z", "1 20260230075600Z",
      "1\t20261124075600Z",
      "1\n", "1\0", "\0", "1 20261124075600Z\0", "1 20261124075600Z x", "20261124075600Z", "20261124075600Z 1",
      "1 20261124075600Z,20261124075601Z", "é", "1 -62167219200",
    ].map(bytes) + [
      [0xFF], [0xC0, 0x80], [0x31, 0xFF], [0x31, 0x20, 0xFF, 0xFE], [UInt8](repeating: 0x39, count: 100_000),
      bytes("31" + String(repeating: " 20261124075600Z", count: 31)),
      bytes("1" + String(repeating: " 20261124075600Z", count: 10_000)),
    ]

  @Test("a value that nobody can read counts as none, and the next charge replaces it", arguments: garbage)
  func unreadable(stored: [UInt8]) {
    let tries = Tries(stored: stored)
    #expect(tries.consecutive == 0 && tries.recent == [])
    #expect(tries.stored == stored, "the condition of the next change compares it")
    #expect(tries.interrupted() == tries)
    #expect(tries.charged(at: t) == Tries.none.charged(at: t))
    for allowance in [Allowance.password, .authenticator, .forgot, .mailedCode] {
      #expect(allowance.verdict(on: tries, at: t) == .open)
    }
  }

  @Test(
    "no byte in any place breaks the reader",
    arguments: [0x00, 0x20, 0x2E, 0x2D, 0x30, 0x39, 0x5A, 0x80, 0xFF] as [UInt8])
  func mutations(byte: UInt8) {
    let stored = bytes("12 20261124075600.123456Z 20261124075601.000001Z")
    for index in stored.indices {
      let (head, tail) = (Array(stored[..<index]), Array(stored[index...]))
      let candidates: [[UInt8]] = [head + [byte] + tail.dropFirst(), head + [byte] + tail, head, tail]
      for mutated in candidates {
        let tries = Tries(stored: mutated)
        #expect(0...Tries.consecutiveMax ~= tries.consecutive)
        #expect(tries.recent.count <= 3)
        #expect(tries.charged(at: t).stored != mutated)
      }
    }
  }

  @Test("noise of any length does not break the reader either", arguments: [4, 5] as [UInt64])
  func noise(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = bytes("0123456789 Z.,+-20261124075600Z 1\0") + [0xFF]
    for _ in 0..<20_000 {
      let stored = (0..<Int.random(in: 0...60, using: &random)).map { _ in random.pick(alphabet, or: 0) }
      let tries = Tries(stored: stored)
      #expect(tries.recent.count <= Tries.recentMax && 0...Tries.consecutiveMax ~= tries.consecutive)
    }
  }

  // MARK: No two charges write the same

  @Test("a clock that stands still", arguments: ["0", "5", "999999", "1000000"])
  func standing(row: String) {
    var tries = Tries(stored: bytes(row))
    var seen: Set<[UInt8]> = []
    for _ in 0..<2000 {
      let next = tries.charged(at: t)
      if let last = tries.recent.last, let stamp = next.recent.last { #expect(last < stamp) }
      #expect(seen.insert(next.stored ?? []).inserted)
      tries = next
    }
    #expect(tries.recent.last == t.adding(microseconds: 1999), "a microsecond each")
  }

  @Test(
    "a clock that goes back, by little or by much", arguments: [1, 30, 31, 3600, 366 * 86_400] as [Int64], [0, 999_990])
  func back(by seconds: Int64, from consecutive: Int) {
    var tries = Tries(stored: bytes(String(consecutive)))
    var seen: Set<[UInt8]> = []
    for round in 0..<100 {
      tries = tries.charged(at: t.adding(seconds: -seconds * Int64(round)))
      #expect(seen.insert(tries.stored ?? []).inserted)
    }
  }

  @Test("a clock that stumbles", arguments: [6, 7, 8] as [UInt64], ["0", "1000000"])
  func stumbling(seed: UInt64, row: String) {
    var random = SeededGenerator(seed: seed)
    var now = t
    var tries = Tries(stored: bytes(row))
    for _ in 0..<3000 {
      let leap: Int64 = random.pick(
        [0, 0, 1, -1, 1_000_000, -1_000_000, 60_000_000, -60_000_000, 86_400_000_000], or: 0)
      now = now.adding(microseconds: leap)
      let next = tries.charged(at: now)
      #expect(next.stored != tries.stored)
      #expect(next.recent == next.recent.sorted())
      tries = next
    }
  }

  // MARK: Limits

  @Test("thirty times are kept, the newest")
  func times() {
    var tries = Tries.none
    for second in 0..<Int64(100) { tries = tries.charged(at: t.adding(seconds: second)) }
    #expect(tries.consecutive == 100)
    #expect(tries.recent == (70..<Int64(100)).map { t.adding(seconds: $0) })
    #expect(Tries(stored: tries.stored ?? []) == tries)
    #expect(tries.stored?.count == 3 + 30 * 23)
  }

  @Test(
    "a row is counted up to a million",
    arguments: [("999998", 999_999), ("999999", 1_000_000), ("1000000", 1_000_000), ("9999999", 1_000_000)])
  func million(stored: String, next: Int) {
    #expect(Tries(stored: bytes(stored)).charged(at: t).consecutive == next)
  }

  @Test("an interrupted row keeps its times; of nothing it makes nothing")
  func interrupted() {
    let tries = Tries.none.charged(at: t).charged(at: t.adding(seconds: 5))
    #expect(tries.interrupted().recent == tries.recent)
    #expect(tries.interrupted().consecutive == 0)
    #expect(tries.interrupted().charged(at: t.adding(seconds: 9)).consecutive == 1)
    #expect(Tries.none.interrupted() == .none)
    #expect(Tries(stored: bytes("3")).interrupted().consecutive == 0)
  }

  @Test("each factor has a budget of its own")
  func table() {
    var table = TriesTable()
    for (index, factor) in Factor.allCases.enumerated() {
      #expect(table[factor] == .none)
      for _ in 0...index { table[factor] = table[factor].charged(at: t) }
    }
    #expect(Factor.allCases.map { table[$0].consecutive } == Array(1...Factor.allCases.count))
    for factor in Factor.allCases { table[factor] = .none }
    #expect(table == TriesTable())
  }
}
