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

  mutating func bytes(upTo countMax: Int, from range: ClosedRange<UInt8> = 0...255) -> [UInt8] {
    (0..<Int.random(in: 0...countMax, using: &self)).map { _ in UInt8.random(in: range, using: &self) }
  }

  mutating func token() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-")
    return String((0...Int.random(in: 0...12, using: &self)).map { _ in letters.randomElement(using: &self) ?? "a" })
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
