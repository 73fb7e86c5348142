/// RFC 4648, section 6; without padding, as otpauth addresses have it.
public enum Base32 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: regroup(bytes, from: 8, to: 5, flush: true).map { alphabet[Int($0)] }, as: UTF8.self)
  }

  /// Nil for a byte outside the alphabet and for bits left over that are not zero; lower case is taken, and padding.
  public static func decode(_ text: [UInt8]) -> [UInt8]? {
    let body = text.prefix { $0 != UInt8(ascii: "=") }
    let padding = text.dropFirst(body.count)
    guard padding.isEmpty || text.count.isMultiple(of: 8) && padding.count < 7,
      padding.allSatisfy({ $0 == UInt8(ascii: "=") })
    else { return nil }
    var digits: [UInt8] = []
    for byte in body {
      let upper = (0x61...0x7A).contains(byte) ? byte & 0xDF : byte
      guard let digit = alphabet.firstIndex(of: upper) else { return nil }
      digits.append(UInt8(digit))
    }
    let spare = digits.count * 5 % 8
    guard spare < 5, (digits.last ?? 0) & UInt8((1 << spare) - 1) == 0 else { return nil }
    return regroup(digits, from: 5, to: 8, flush: false)
  }
}

/// RFC 4648, section 5, without padding: what may stand in an address or a file as it is.
public enum Base64URL {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: regroup(bytes, from: 8, to: 6, flush: true).map { alphabet[Int($0)] }, as: UTF8.self)
  }

  /// Nil for a byte outside the alphabet, for bits left over that are not zero, and for a lone last digit: every value
  /// is written in one way.
  public static func decode(_ text: [UInt8]) -> [UInt8]? {
    var digits: [UInt8] = []
    for byte in text {
      guard let digit = alphabet.firstIndex(of: byte) else { return nil }
      digits.append(UInt8(digit))
    }
    let spare = digits.count * 6 % 8
    guard digits.count % 4 != 1, (digits.last ?? 0) & UInt8((1 << spare) - 1) == 0 else { return nil }
    return regroup(digits, from: 6, to: 8, flush: false)
  }
}

/// RFC 4648, section 4, as the password schemes write it: with `+/` or `./`, padded or not.
public enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Without padding.
  public static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    regroup(bytes, from: 8, to: 6, flush: true).map { alphabet[Int($0)] }
  }

  /// Nil for a byte outside the alphabet, for bits left over that are not zero, and for a lone last digit.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var digits: [UInt8] = []
    var padding = 0
    for byte in text {
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      let plain = byte == UInt8(ascii: ".") ? UInt8(ascii: "+") : byte
      guard padding == 0, let digit = alphabet.firstIndex(of: plain) else { return nil }
      digits.append(UInt8(digit))
    }
    guard padding < 3, digits.count % 4 != 1 else { return nil }
    let spare = [0, 0, 4, 2][digits.count % 4]
    if let last = digits.last, last & UInt8((1 << spare) - 1) != 0 { return nil }
    return regroup(digits, from: 6, to: 8, flush: false)
  }
}

/// Cuts a stream of bits into groups of another width. `flush` fills the last group with zeros; else it is dropped.
private func regroup(_ groups: some Collection<UInt8>, from: Int, to: Int, flush: Bool) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(groups.count * from / to + 1)
  var held: UInt32 = 0
  var bits = 0
  for group in groups {
    held = (held << UInt32(from) | UInt32(group)) & 0xFFFF
    bits += from
    while bits >= to {
      bits -= to
      result.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)) & UInt8((1 << to) - 1))
    }
  }
  if flush, bits > 0 { result.append(UInt8(truncatingIfNeeded: held << UInt32(to - bits)) & UInt8((1 << to) - 1)) }
  return result
}
