extension Timestamp {
  /// Reads a date, `2025-06-30`, which is its first moment in UTC, or a time of RFC 3339: `2025-06-30T09:15:00Z`, with a
  /// fraction or an offset where there is one. Nil for anything else.
  public init?(rfc3339 bytes: [UInt8]) {
    let (hyphen, colon) = (UInt8(ascii: "-"), UInt8(ascii: ":"))
    guard bytes.count >= 10, bytes[4] == hyphen, bytes[7] == hyphen else { return nil }
    let date = bytes[0..<4] + bytes[5..<7] + bytes[8..<10]
    guard bytes.count > 10 else {
      self.init(generalizedTime: date + Array("000000Z".utf8))
      return
    }
    guard bytes.count >= 20, bytes[10] | 0x20 == UInt8(ascii: "t"), bytes[13] == colon, bytes[16] == colon else {
      return nil
    }
    var rest = Array(bytes[19...])
    if rest.last.map({ $0 | 0x20 }) == UInt8(ascii: "z") {
      rest[rest.count - 1] = UInt8(ascii: "Z")
    } else {
      guard rest.count >= 6, rest[rest.count - 3] == colon else { return nil }
      rest.remove(at: rest.count - 3)
    }
    self.init(generalizedTime: Array(date + bytes[11..<13] + bytes[14..<16] + bytes[17..<19]) + rest)
  }
}
