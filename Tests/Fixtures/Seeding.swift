internal import Foundation
public import Secrets

/// An account that stands in the directory already, and what its owner knows.
public struct Person: Sendable {
  public let uid: String
  public var mail: String { "\(uid)@example.org" }
  public var dn: String { "uid=\(uid),\(parent)" }
  /// The entry that the account stands below.
  public var parent = Slapd.people
  public var password = "Str0ng-Enough"
  /// The authenticator's secret; empty where there is none.
  public var secret: [UInt8] = []

  public init(_ uid: String, password: String = "Str0ng-Enough", secret: [UInt8] = []) {
    self.uid = uid
    self.password = password
    self.secret = secret
  }

  /// The code that the authenticator app shows at a time, by oathtool.
  public func code(at time: Int) throws -> String { try totp(secret: Base32.encode(secret), at: time) }

  /// Six digits that are no code anywhere near a time.
  public func wrongCode(at time: Int) throws -> String {
    let near = try (-3...3).map { try code(at: time + 30 * $0) }
    return (0..<20).map { String(format: "%06d", $0 * 7919) }.first { !near.contains($0) } ?? "000000"
  }
}

/// By oathtool, which nobody here wrote. `secret` is in base32.
public func totp(secret: String, at time: Int) throws -> String {
  let result = try Command.run("oathtool", ["--totp", "-b", secret, "--now", "@\(time)"])
  guard result.status == 0 else { throw FixtureError("oathtool: \(result.errors)") }
  return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
}

extension Slapd {
  /// Puts people into the directory as active accounts; `keys` is the daemons' ring. Cheap hashes, so that storms of
  /// tests do not measure Argon2.
  public func seed(
    _ people: [Person], keys: String, attributes: [String] = [], hasPassword: Bool = true,
    parameters: Argon2Parameters = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
  ) throws {
    let ring = try KeyRing.load(path: keys)
    try add(
      people.map { person in
        let hash = try PasswordHash.make(
          Secret(Array(person.password.utf8)), salt: SystemRandom.bytes(16), parameters: parameters)
        return Slapd.account(
          person.uid, below: person.parent, attributes + (hasPassword ? [Slapd.line("userPassword", hash.stored)] : []))
      }.joined())
    // The server gives the entryUUID that a secret is sealed for.
    let uuids = try search("(objectClass=drawbridgeAccount)").reduce(into: [String: String]()) {
      $0[$1.string("uid") ?? ""] = $1.string("entryUUID")
    }
    let changes = try people.filter { !$0.secret.isEmpty }.map { person in
      let sealed = try ring.seal(
        Secret(person.secret), entryUUID: Array((uuids[person.uid] ?? "").utf8), attribute: "drawbridgeTOTPSecret",
        nonce: SystemRandom.bytes(KeyRing.nonceLength))
      return "dn: \(person.dn)\nchangetype: modify\nreplace: drawbridgeTOTPSecret\n"
        + Slapd.line("drawbridgeTOTPSecret", sealed) + "\n\n"
    }
    if !changes.isEmpty { try modify(changes.joined()) }
  }

  /// One modification by an administrator's LDAP tool.
  public func modify(_ person: Person, _ lines: String) throws {
    try modify("dn: \(person.dn)\nchangetype: modify\n\(lines)\n")
  }

  public func entry(_ person: Person) throws -> Entry {
    guard let entry = try entry(person.dn) else { throw FixtureError("\(person.dn) is gone") }
    return entry
  }
}

extension House {
  /// Active people with an authenticator each.
  @discardableResult
  public func people(_ uids: String..., attributes: [String] = []) throws -> [Person] {
    let people = try uids.map { Person($0, secret: try SystemRandom.bytes(20)) }
    try slapd.seed(people, keys: daemon.keys, attributes: attributes)
    return people
  }
}

extension LineClient {
  /// The way of a right sign-in; answers the last reply.
  public func signIn(_ person: Person, at time: Int) throws -> String {
    var reply = try send("SIGNIN \(person.mail)")
    guard reply.hasPrefix("ASK password") else { return reply }
    reply = try send("PASSWORD \(person.password)")
    guard reply.hasPrefix("ASK totp") else { return reply }
    return try send("TOTP \(try person.code(at: time))")
  }
}
