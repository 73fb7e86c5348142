internal import COpenSSL

/// The random source gave nothing, or nothing that passes for random.
public struct RandomFailure: Error, Equatable, CustomStringConvertible {
  public init() {}
  public var description: String { "no randomness could be had" }
}

/// How randomness is handed in: so many bytes, unpredictable.
public typealias RandomBytes = @Sendable (Int) throws(RandomFailure) -> [UInt8]

public enum SystemRandom {
  /// OpenSSL's generator for private values, seeded from the kernel.
  public static func bytes(_ count: Int) throws(RandomFailure) -> [UInt8] {
    guard let length = Int32(exactly: count), length >= 0 else { throw RandomFailure() }
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_priv_bytes(&bytes, length) == 1 else { throw RandomFailure() }
    return bytes
  }
}

public enum MailedCode {
  public static let digits = 6
  /// One draw in 4,400 is thrown away; so many in a row come from no random source.
  private static let drawsMax = 64

  /// Six digits, uniform: a draw beyond the largest multiple of a million is thrown away. Leading zeros are kept.
  public static func draw(_ random: RandomBytes) throws(RandomFailure) -> [UInt8] {
    let codes: UInt32 = 1_000_000
    for _ in 0..<drawsMax {
      let bytes = try random(4)
      guard bytes.count == 4 else { throw RandomFailure() }
      let value = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard value < UInt32.max / codes * codes else { continue }
      let text = String(value % codes).utf8
      return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.count) + text
    }
    throw RandomFailure()
  }
}
