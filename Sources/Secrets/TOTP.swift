/// Time-based one-time passwords (RFC 6238 over RFC 4226).
public struct TOTP: Sendable {
  public enum Algorithm: String, Sendable, CaseIterable {
    case sha1 = "SHA1"
    case sha256 = "SHA256"
    case sha512 = "SHA512"

    var digest: Digest {
      switch self {
      case .sha1: .sha1
      case .sha256: .sha256
      case .sha512: .sha512
      }
    }
  }

  /// How far a window reaches in either direction, in steps.
  public static let windowMaxSteps: Int64 = 10

  /// In bytes (RFC 4226, section 4, R6).
  public static let secretLength = 20

  private let secret: Secret
  private let algorithm: Algorithm
  private let digits: Int
  private let period: Int64

  /// `digits` from 6 to 8.
  public init(secret: Secret, algorithm: Algorithm = .sha1, digits: Int = 6, period: Int64 = 30) {
    self.secret = secret
    self.algorithm = algorithm
    self.digits = min(max(digits, 6), 8)
    self.period = max(period, 1)
  }

  public func step(at unixSeconds: Int64) -> Int64 {
    unixSeconds / period - (unixSeconds % period < 0 ? 1 : 0)
  }

  /// The code of a time step, in ASCII digits (RFC 4226, section 5.3).
  public func code(at step: Int64) -> [UInt8] {
    let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) }
    let mac = secret.withBytes { algorithm.digest.hmac(counter, key: $0) }
    guard let mac, let last = mac.last else { return [] }
    let offset = Int(last & 0x0F)
    let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
    let text = String(number % [1_000_000, 10_000_000, 100_000_000][digits - 6])
    return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.utf8.count) + text.utf8
  }

  /// The newest step of the window whose code was typed, or nil. Every step is computed and compared, whatever matched
  /// before. `typed` is taken as it is: anything but exactly so many ASCII digits matches nothing.
  public func match(_ typed: [UInt8], at unixSeconds: Int64, window: ClosedRange<Int64> = -1...0) -> Int64? {
    guard typed.count == digits, typed.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let now = step(at: unixSeconds)
    var matched: Int64?
    for offset in window.clamped(to: -Self.windowMaxSteps...Self.windowMaxSteps)
    where constantTimeEqual(code(at: now &+ offset), typed) { matched = now &+ offset }
    return matched
  }

  /// The Key URI Format that authenticator apps read.
  public func uri(issuer: String, account: String) -> String {
    let secret = secret.withBytes { Base32.encode($0) }
    let issuer = Self.escape(issuer)
    return "otpauth://totp/\(issuer):\(Self.escape(account))?secret=\(secret)&issuer=\(issuer)"
      + "&algorithm=\(algorithm.rawValue)&digits=\(digits)&period=\(period)"
  }

  /// Everything but RFC 3986's unreserved characters.
  private static func escape(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
