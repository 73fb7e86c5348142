import Fixtures

extension SeededGenerator {
  mutating func bytes(upTo countMax: Int, from range: ClosedRange<UInt8> = 0...255) -> [UInt8] {
    (0..<Int.random(in: 0...countMax, using: &self)).map { _ in UInt8.random(in: range, using: &self) }
  }

  mutating func token() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-")
    return String((0...Int.random(in: 0...12, using: &self)).map { _ in letters.randomElement(using: &self) ?? "a" })
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
