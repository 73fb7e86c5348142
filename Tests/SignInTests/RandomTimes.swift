import Fixtures

@testable import SignIn

extension SeededGenerator {
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
