/// Percent-encoding of any bytes (RFC 3986, section 2.1).
public enum PercentEncoding {
  /// The bytes with everything but RFC 3986's unreserved characters (section 2.3) as `%XX`, in upper case.
  public static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var encoded: [UInt8] = []
    for byte in bytes {
      if isUnreserved(byte) {
        encoded.append(byte)
      } else {
        encoded += [ASCII.percent, digit(byte >> 4), digit(byte & 0x0F)]
      }
    }
    return encoded
  }

  /// The bytes that were encoded, or nil where a `%` is not followed by two hexadecimal digits of either case.
  /// Other bytes stand for themselves, so the result is never longer than the input.
  public static func decode(_ encoded: some Sequence<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    var bytes = encoded.makeIterator()
    while let byte = bytes.next() {
      guard byte == ASCII.percent else {
        decoded.append(byte)
        continue
      }
      guard let high = bytes.next().flatMap(value), let low = bytes.next().flatMap(value) else { return nil }
      decoded.append(high << 4 | low)
    }
    return decoded
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    ASCII.isLetter(byte) || ASCII.isDigit(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 &+ nibble : 0x37 &+ nibble
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit &- 0x30
    case 0x41...0x46: digit &- 0x37
    case 0x61...0x66: digit &- 0x57
    default: nil
    }
  }
}
