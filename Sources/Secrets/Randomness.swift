internal import COpenSSL

/// The random source of the host gave nothing.
public struct RandomFailure: Error {}

/// How randomness is handed in: so many bytes, unpredictable.
public typealias RandomBytes = @Sendable (Int) throws(RandomFailure) -> [UInt8]

public enum SystemRandom {
  /// OpenSSL's generator for private values, seeded from the kernel.
  public static func bytes(_ count: Int) throws(RandomFailure) -> [UInt8] {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_priv_bytes(&bytes, Int32(clamping: count)) == 1 else { throw RandomFailure() }
    return bytes
  }
}

public enum MailedCode {
  public static let digits = 6

  /// Six digits, uniform: a draw beyond the largest multiple of a million is thrown away. Leading zeros are kept.
  public static func draw(_ random: RandomBytes) throws(RandomFailure) -> [UInt8] {
    let codes: UInt32 = 1_000_000
    var value: UInt32
    repeat { value = try random(4).reduce(0) { $0 << 8 | UInt32($1) } } while value >= UInt32.max - UInt32.max % codes
    let text = String(value % codes)
    return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.utf8.count) + text.utf8
  }
}
