import Fixtures
import Foundation
import Secrets
import Testing

/// By PyJWT, which nobody here wrote.
@Suite("A signed token for applications that cannot ask") struct SignedTokenTests {
  private static let issuer = "https://sso.example.org/\u{FC}\"\\"

  /// A folder with a key, and the settings for it: `wiki` and `shop` get tokens, `portal` does not.
  private static func with(
    keys: [String] = ["a.pem"], lifetime: String = "5m", hasOwnClock: Bool = false,
    _ body: (House, _ folder: String) async throws -> Void
  ) async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in keys {
      let made = try Command.run(Daemon.binary("drawbridged"), ["--make-jwt-key", "\(folder)/\(name)"])
      guard made.status == 0 else { throw FixtureError(made.errors) }
    }
    let settings = """
      [jwt]
      issuer = "https://sso.example.org/\u{FC}\\"\\\\"
      keys = [\(keys.map { "\"\(folder)/\($0)\"" }.joined(separator: ", "))]
      lifetime = "\(lifetime)"
      [session]
      lifetime = "10m"
      [[service]]
      name = "wiki"
      jwt = true
      [[service]]
      name = "shop"
      jwt = true
      [[service]]
      name = "portal"

      """
    try await House.with(settings: settings, hasOwnClock: hasOwnClock) { try await body($0, folder) }
  }

  private func signIn(_ person: Person, _ service: String?, _ house: House) throws -> String {
    let client = try house.daemon.client()
    _ = try client.send("SIGNIN \(person.mail)" + (service.map { " service=\($0)" } ?? ""))
    _ = try client.send("PASSWORD \(person.password)")
    let reply = try client.send("TOTP \(person.code(at: house.daemon.time))")
    guard reply.hasPrefix("OK signed-in") else { throw FixtureError(reply) }
    return reply
  }

  private func keySet(_ house: House) throws -> String {
    let printed = try Command.run(Daemon.binary("drawbridge"), ["keys", "jwks", "--socket", house.daemon.signin])
    guard printed.status == 0 else { throw FixtureError(printed.errors) }
    return printed.output
  }

  /// The claims, or the name of PyJWT's error.
  private func verify(
    _ token: String, _ keys: String, audience: String, issuer: String = Self.issuer, after seconds: Int = 0
  ) throws -> (claims: [String: Any], error: String) {
    let script = """
      import json, sys, jwt
      keys, token, audience, issuer = json.loads(sys.stdin.read())
      try:
          header = jwt.get_unverified_header(token)
          assert header["typ"] == "JWT" and header["alg"] == "ES256"
          key = jwt.PyJWKSet.from_dict(keys)[header["kid"]]
          required = ["iss", "sub", "aud", "iat", "exp", "jti"]
          print(json.dumps(jwt.decode(token, key.key, ["ES256"], {"require": required}, audience=audience, issuer=issuer)))
      except Exception as error:
          print(type(error).__name__, file=sys.stderr)
      """
    let set = try JSONSerialization.jsonObject(with: Data(keys.utf8))
    let input = try JSONSerialization.data(withJSONObject: [set, token, audience, issuer])
    let python = ["/usr/bin/python3", "-c", script]
    let told = try Command.run(
      "/usr/bin/env", seconds == 0 ? python : ["faketime", "-f", "+\(seconds)s"] + python,
      input: String(decoding: input, as: UTF8.self))
    let claims = try? JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    return (claims ?? [:], told.errors.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  @Test("is verified by the published keys, names the account, and says for whom, until when and by what means")
  func claims() async throws {
    try await Self.with { house, _ in
      let person = try house.people("jdoe")[0]
      let reply = try signIn(person, "wiki", house)
      let token = try #require(reply.value("jwt"))
      let (claims, error) = try verify(token, keySet(house), audience: "wiki")
      #expect(error.isEmpty, "\(error)")
      #expect(claims["iss"] as? String == Self.issuer)
      #expect(try claims["sub"] as? String == house.slapd.entry(person).string("entryUUID"))
      #expect(claims["aud"] as? String == "wiki")
      #expect(claims["amr"] as? [String] == ["pwd", "otp"])
      #expect(claims["preferred_username"] as? String == "jdoe" && claims["email"] as? String == person.mail)
      let (issued, ends) = (try #require(claims["iat"] as? Int), try #require(claims["exp"] as? Int))
      #expect(ends - issued == 300 && abs(issued - house.daemon.time) < 60)
      #expect(claims["auth_time"] as? Int == issued)
      #expect(claims.count == 10)
    }
  }

  @Test("is refused once it was changed, for another audience or issuer, by other keys, and when it is over")
  func refusals() async throws {
    try await Self.with { house, _ in
      let person = try house.people("jdoe")[0]
      let token = try #require(signIn(person, "wiki", house).value("jwt"))
      let keys = try keySet(house)
      #expect(try verify(token, keys, audience: "shop").error == "InvalidAudienceError")
      #expect(
        try verify(token, keys, audience: "wiki", issuer: "https://else.example.org").error == "InvalidIssuerError")
      #expect(try verify(token, keys, audience: "wiki", after: 240).error.isEmpty)
      #expect(try verify(token, keys, audience: "wiki", after: 301).error == "ExpiredSignatureError")
      let parts = token.split(separator: ".").map(String.init)
      #expect(parts.count == 3)
      let claims = try #require(Base64URL.decode(Array(parts[1].utf8)))
      let forged = String(decoding: claims, as: UTF8.self).replacingOccurrences(of: "jdoe", with: "root")
      let changed = "\(parts[0]).\(Base64URL.encode(forged.utf8)).\(parts[2])"
      #expect(try verify(changed, keys, audience: "wiki").error == "InvalidSignatureError")
      let first = parts[2].hasPrefix("A") ? "B" : "A"
      let broken = "\(parts[0]).\(parts[1]).\(first)\(parts[2].dropFirst())"
      #expect(try verify(broken, keys, audience: "wiki").error == "InvalidSignatureError")
      try await Self.with { other, _ in
        let others = try keySet(other)
        #expect(try verify(token, others, audience: "wiki").error == "KeyError")  // no such kid
      }
    }
  }

  @Test("comes with SESSION, too, for the service that asks and by the sign-in that was; never past the session's end")
  func bySession() async throws {
    try await Self.with(lifetime: "15m", hasOwnClock: true) { house, _ in
      let person = try house.people("jdoe")[0]
      let opened = try signIn(person, "portal", house)
      #expect(opened.value("jwt") == nil)
      let session = try #require(opened.value("session"))
      let signed = house.daemon.time
      try house.daemon.moveClock(by: 60)
      let client = try house.daemon.client()
      for line in ["SESSION \(session)", "SESSION \(session) service=portal", "SESSION \(session) service=none"] {
        let reply = try client.send(line)
        #expect(reply.hasPrefix("OK session") && reply.value("jwt") == nil, "\(reply)")
      }
      let reply = try client.send("SESSION \(session) service=shop")
      let (claims, error) = try verify(#require(reply.value("jwt")), keySet(house), audience: "shop", after: 60)
      #expect(error.isEmpty, "\(error)")
      let (issued, ends) = (try #require(claims["iat"] as? Int), try #require(claims["exp"] as? Int))
      #expect(abs(issued - house.daemon.time) < 30)
      let until = try #require(reply.value("until")?.removingPercentEncoding)
      #expect(ends == Int(try #require(ISO8601DateFormatter().date(from: until)).timeIntervalSince1970))
      #expect(abs(try #require(claims["auth_time"] as? Int) - signed) < 30)
      #expect(try house.signOut(session).hasPrefix("OK"))
      #expect(try client.send("SESSION \(session) service=shop").hasPrefix("NO expired"))
    }
  }

  @Test("keys are named by their thumbprint; with several, the first signs and all are published")
  func rotation() async throws {
    try await Self.with(keys: ["new.pem", "old.pem"]) { house, _ in
      let person = try house.people("jdoe")[0]
      let printed = try keySet(house)
      let set = try #require(
        JSONSerialization.jsonObject(with: Data(printed.utf8)) as? [String: [[String: String]]])
      let keys = try #require(set["keys"])
      #expect(keys.count == 2 && Set(keys.map { $0["kid"] }).count == 2)
      for key in keys {
        #expect(Set(key.keys) == ["kty", "crv", "alg", "use", "kid", "x", "y"])
        // RFC 7638, section 3, once more.
        let script = """
          import base64, hashlib, json, sys
          key = json.load(sys.stdin)
          text = json.dumps({name: key[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
          print(base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("="))
          """
        let input = String(decoding: try JSONSerialization.data(withJSONObject: key), as: UTF8.self)
        let thumbprint = try Command.run("/usr/bin/python3", ["-c", script], input: input)
        #expect(thumbprint.output.trimmingCharacters(in: .newlines) == key["kid"])
      }
      let token = try #require(signIn(person, "wiki", house).value("jwt"))
      let header = try #require(Base64URL.decode(Array(token.prefix { $0 != "." }.utf8)))
      let named = try #require(JSONSerialization.jsonObject(with: Data(header)) as? [String: String])
      #expect(named["kid"] == keys[0]["kid"])
      #expect(try verify(token, printed, audience: "wiki").error.isEmpty)
    }
  }

  @Test("is off unless it is set up; a key that others may read, or of another kind, keeps the daemon from starting")
  func configuration() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      #expect(try signIn(person, "wiki", house).value("jwt") == nil)
      #expect(try house.daemon.client().send("JWKS").hasPrefix("NO off :"))
      let printed = try Command.run(Daemon.binary("drawbridge"), ["keys", "jwks", "--socket", house.daemon.signin])
      #expect(printed.status == 1 && printed.output.isEmpty && printed.errors.contains("jwt.issuer"))
    }
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (key, file) = ("\(folder)/a.pem", "\(folder)/d.toml")
    #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", "\(folder)/ring"]).status == 0)
    #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-jwt-key", key]).status == 0)
    #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-jwt-key", key]).status == 73)
    let text = """
      [directory]
      base = "dc=example,dc=org"
      [keys]
      ring = "\(folder)/ring"
      [mail]
      server = "off"
      [jwt]
      issuer = "https://sso.example.org"
      keys = ["\(key)"]
      """
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    func check() throws -> Command.Result {
      try Command.run(Daemon.binary("drawbridged"), ["--check-config", "--config", file])
    }
    #expect(try check().status == 0)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
    var checked = try check()
    #expect(checked.status == 78 && checked.errors.contains("\(key): others") && checked.errors.contains("jwt.keys"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    try "no key".write(toFile: key, atomically: false, encoding: .utf8)
    checked = try check()
    #expect(checked.status == 78 && checked.errors.contains("jwt.keys"), "\(checked.errors)")
  }
}
