/// The bytes that the grammar names.
enum ASCII {
  static let nul: UInt8 = 0x00
  static let lf: UInt8 = 0x0A
  static let cr: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let percent: UInt8 = 0x25
  static let star: UInt8 = 0x2A
  static let comma: UInt8 = 0x2C
  static let hyphen: UInt8 = 0x2D
  static let colon: UInt8 = 0x3A
  static let equals: UInt8 = 0x3D

  static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte)
  }

  /// Letters, digits and hyphens: what verbs, reply words and field names are made of.
  static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen }
  }

  /// Upper case for `a` to `z` alone: U+212A (KELVIN SIGN) is no `K` here, as it would be in a `String`.
  static func uppercased(_ byte: UInt8) -> UInt8 {
    (0x61...0x7A).contains(byte) ? byte & 0xDF : byte
  }
}

extension ArraySlice<UInt8> {
  /// The line without the one CR that may stand before its LF.
  func droppingLastCR() -> ArraySlice<UInt8> {
    last == ASCII.cr ? dropLast() : self
  }

  /// Whether a byte is among these that no line may hold: NUL, LF, and CR but at the end.
  var holdsLineBreak: Bool {
    contains { $0 == ASCII.nul || $0 == ASCII.lf || $0 == ASCII.cr }
  }
}
