internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// How a mailed code is stored: eight bytes of expiry (seconds, big-endian), then an authenticator over the entry, the
/// purpose, the address, the code and the expiry. Six digits are few, so nothing that could be searched is kept.
extension SignInService {
  private static let purposeLabel = "mailed-code"

  func drawMailedCode(
    for account: Account, purpose: MailedCodePurpose, expires: Timestamp
  ) throws(Later) -> (code: [UInt8], live: LiveCode) {
    do {
      let code = try MailedCode.draw(random)
      let expiry = Self.bigEndian(expires.seconds)
      let authenticator = try keys.authenticator(
        purpose: Self.purposeLabel, parts: Self.parts(account, purpose, code: code, expiry: expiry))
      return (code, LiveCode(stored: expiry + authenticator))
    } catch {
      logger.error("a code could not be drawn", metadata: ["reason": "\(error)"])
      throw Later(reason: "randomness")
    }
  }

  /// Whether `typed` is the live code of the account, for this purpose and its present address.
  func matches(_ typed: [UInt8], account: Account?, purpose: MailedCodePurpose) throws(Later) -> Bool {
    guard let account, let live = account.mailedCode, let expires = Self.expiry(of: live), now() < expires else {
      return false
    }
    let (stored, expiry) = (live.stored, Array(live.stored.prefix(8)))
    do throws(SealFailure) {
      return try keys.verify(
        Array(stored.dropFirst(8)), purpose: Self.purposeLabel,
        parts: Self.parts(account, purpose, code: typed, expiry: expiry))
    } catch .unknownKey(let key) {
      metrics.count { $0.unknownKeys.add("account") }
      logger.critical("a mailed code was made under an unknown key (keys.ring)", metadata: ["key": "\(key)"])
      throw Later(reason: "keys", afterSeconds: 30)
    } catch {
      return false
    }
  }

  /// Nil where it is no code.
  static func expiry(of code: LiveCode) -> Timestamp? {
    code.stored.count > 8 ? Timestamp(seconds: seconds(Array(code.stored.prefix(8)))) : nil
  }

  private static func parts(
    _ account: Account, _ purpose: MailedCodePurpose, code: [UInt8], expiry: [UInt8]
  ) -> [[UInt8]] {
    [account.id.bytes, Array(purpose.rawValue.utf8), Array((account.mail ?? "").utf8), code, expiry]
  }

  private static func bigEndian(_ value: Int64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
  }

  private static func seconds(_ bytes: [UInt8]) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}
