/// A code that stands in for the authenticator app once. 13 symbols of Crockford's base32 are 65 bits (NIST SP 800-63B-4,
/// section 4.2.1.1, wants 64 of a saved recovery code), and hold no letter that is taken for a digit.
public enum RecoveryCode {
  public static let length = 13
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

  /// The symbols alone, uniform: each is five bits of a byte.
  public static func draw(_ random: RandomBytes) throws(RandomFailure) -> [UInt8] {
    let bytes = try random(length)
    guard bytes.count == length else { throw RandomFailure() }
    return bytes.map { alphabet[Int($0 & 31)] }
  }

  /// As people copy it: `7HQ2-M9XN-F48DV`.
  public static func grouped(_ symbols: some Collection<UInt8>) -> [UInt8] {
    let dash = [UInt8(ascii: "-")]
    return symbols.prefix(4) + dash + symbols.dropFirst(4).prefix(4) + dash + symbols.dropFirst(8)
  }

  /// The symbols of what somebody typed, in either case, with blanks and dashes anywhere, O for 0, and I or L for 1; nil
  /// where it is no code.
  public static func symbols(of typed: [UInt8]) -> [UInt8]? {
    var symbols: [UInt8] = []
    for byte in typed where byte != UInt8(ascii: " ") && byte != UInt8(ascii: "-") {
      let upper = (0x61...0x7A).contains(byte) ? byte & 0xDF : byte
      let symbol: UInt8
      switch upper {
      case UInt8(ascii: "O"): symbol = UInt8(ascii: "0")
      case UInt8(ascii: "I"), UInt8(ascii: "L"): symbol = UInt8(ascii: "1")
      default: symbol = upper
      }
      guard symbols.count < length, alphabet.contains(symbol) else { return nil }
      symbols.append(symbol)
    }
    return symbols.count == length ? symbols : nil
  }
}
