internal import Secrets

/// A SASL exchange that ends with a login and a password: PLAIN (RFC 4616), or LOGIN, which asks for one after the other.
struct PlaintextExchange: Equatable, Sendable {
  enum Progress: Equatable, Sendable {
    /// A challenge, in base64.
    case challenge(String)
    case credentials(login: [UInt8], secret: Secret)
    case malformed
    /// To be somebody else than whose password it is.
    case otherIdentity
  }

  private enum State: Equatable, Sendable {
    case plain
    case login
    case password(login: [UInt8])
    case over
  }

  /// A login, or a password with its code.
  static let fieldMaxBytes = 1024

  private var state: State

  /// Nil for any other mechanism.
  init?(mechanism: [UInt8]) {
    let name = mechanism.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
    switch String(decoding: name, as: UTF8.self) {
    case "PLAIN": state = .plain
    case "LOGIN": state = .login
    default: return nil
    }
  }

  /// - Parameter response: in base64; nil where there is no initial one.
  mutating func receive(_ response: [UInt8]?) -> Progress {
    guard let response else { return .challenge(state == .plain ? "" : Self.asksLogin) }
    guard response.count <= 4 * Self.fieldMaxBytes, let bytes = Base64.decode(response) else { return end(.malformed) }
    switch state {
    case .plain: return end(Self.plain(bytes))
    case .login:
      guard !bytes.isEmpty, bytes.count <= Self.fieldMaxBytes else { return end(.malformed) }
      state = .password(login: bytes)
      return .challenge(Self.asksPassword)
    case .password(let login):
      return end(
        bytes.count <= Self.fieldMaxBytes ? .credentials(login: login, secret: Secret(bytes)) : .malformed)
    case .over: return .malformed
    }
  }

  private mutating func end(_ progress: Progress) -> Progress {
    state = .over
    return progress
  }

  /// Who to be (empty, or the same), whose password it is, and the password, NULs between them.
  private static func plain(_ bytes: [UInt8]) -> Progress {
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[1].isEmpty, parts.allSatisfy({ $0.count <= fieldMaxBytes }) else {
      return .malformed
    }
    guard parts[0].isEmpty || parts[0] == parts[1] else { return .otherIdentity }
    return .credentials(login: Array(parts[1]), secret: Secret(parts[2]))
  }

  /// `Username:` and `Password:`.
  private static let asksLogin = "VXNlcm5hbWU6"
  private static let asksPassword = "UGFzc3dvcmQ6"
}
