internal import Secrets
internal import SignIn

/// Signs JSON Web Tokens (RFC 7519) with ES256, for applications that cannot ask the daemon. Nothing takes one back
/// before it expires.
struct WebTokens: Sendable {
  let issuer: String
  /// The first one signs; all are published. Not empty.
  let keys: [SigningKey]
  let lifetimeSeconds: Int64
  /// The services that get one, by name.
  let services: Set<[UInt8]>

  private static let idLength = 16

  /// Nil where the service gets none.
  func token(
    _ session: Session, _ account: Account, for service: [UInt8], at now: Timestamp, random: RandomBytes
  ) -> String? {
    guard services.contains(service), let audience = String(validating: service, as: UTF8.self),
      let key = keys.first, let id = try? random(Self.idLength)
    else { return nil }
    let header = [("alg", Self.json("ES256")), ("kid", Self.json(key.id)), ("typ", Self.json("JWT"))]
    let ends = min(now.seconds + lifetimeSeconds, session.ends.seconds)
    var claims = [
      ("iss", Self.json(issuer)), ("sub", Self.json(account.id.description)), ("aud", Self.json(audience)),
      ("iat", "\(now.seconds)"), ("exp", "\(ends)"), ("jti", Self.json(Base64URL.encode(id))),
      ("auth_time", "\(session.issued.seconds)"),
      // RFC 8176, section 2: every session begins with a password and a code.
      ("amr", "[\"pwd\",\"otp\"]"),
    ]
    if let uid = account.uid { claims.append(("preferred_username", Self.json(uid))) }
    if let mail = account.mail { claims.append(("email", Self.json(mail))) }
    // RFC 7515, section 7.1.
    let signed = "\(Self.part(header)).\(Self.part(claims))"
    return key.sign(Array(signed.utf8)).map { "\(signed).\(Base64URL.encode($0))" }
  }

  private static func part(_ members: [(name: String, value: String)]) -> String {
    Base64URL.encode("{\(members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ","))}".utf8)
  }

  /// RFC 8259, section 7.
  private static func json(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
