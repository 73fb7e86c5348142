@testable import SignIn

/// SplitMix64: a seed replays what failed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// True so many times in a hundred.
  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  mutating func pick<Element>(_ elements: [Element], or other: Element) -> Element {
    elements.randomElement(using: &self) ?? other
  }

  mutating func time(in range: ClosedRange<Int64> = Timestamp.earliest...Timestamp.latest) -> Timestamp {
    Timestamp(microseconds: Int64.random(in: range, using: &self))
  }
}

extension Timestamp {
  /// The microseconds of 0000-01-01T00:00:00Z and of the last one of 9999, by their well-known Unix times.
  static let earliest: Int64 = -62_167_219_200_000_000
  static let latest: Int64 = 253_402_300_799_999_999

  /// 2026-11-24T07:56:00Z.
  static let sample = Timestamp(seconds: 1_795_506_960)

  func adding(microseconds: Int64) -> Timestamp { Timestamp(microseconds: self.microseconds + microseconds) }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func time(_ generalizedTime: String) -> Timestamp? { Timestamp(generalizedTime: bytes(generalizedTime)) }
