import Fixtures
import Foundation
import Secrets

/// A token as who has the key ring could make it: for more sessions than anybody signs in for, and for what no daemon
/// would open.
struct ForgedToken {
  let ring: KeyRing
  var id = [UInt8](repeating: 0, count: 16)
  var account: String
  var issued: Int
  var seen: Int
  var ends: Int
  var service = ""
  /// Over what the account was, or was not.
  var seal: [UInt8]

  /// Of a session that was opened now, as far as times go.
  init(_ person: Person, _ house: House) throws {
    ring = try KeyRing.load(path: house.daemon.keys)
    account = try house.slapd.entry(person).string("entryUUID") ?? ""
    issued = house.daemon.time
    seen = issued
    ends = issued + 12 * 3600
    seal = try ring.authenticator(purpose: "session", parts: [])
  }

  /// A session of its own.
  func numbered(_ number: Int) throws -> String {
    var other = self
    other.id = (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * min($0, 7))) }
    return try other.text
  }

  var text: String {
    get throws {
      let name = Array(account.utf8)
      let plain =
        [2] + id + [issued, seen, ends].flatMap { Self.bigEndian($0 * 1_000_000) } + [UInt8(name.count)] + name
        + [UInt8(service.utf8.count)] + Array(service.utf8) + seal
      let nonce = try SystemRandom.bytes(KeyRing.nonceLength)
      return Base64URL.encode(
        try ring.seal(Secret(plain), entryUUID: [], attribute: "session token", nonce: nonce))
    }
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
  }
}

extension House {
  /// Each of these is of a session that still holds, or not; anything else is a fault.
  func holds(_ token: String, service: String? = nil, at daemon: Daemon? = nil) throws -> Bool {
    let line = "SESSION \(token)" + (service.map { " service=\($0)" } ?? "")
    let reply = try (daemon ?? self.daemon).client().send(line)
    guard reply.hasPrefix("OK session") || reply.hasPrefix("NO expired ") else { throw FixtureError(reply) }
    return reply.hasPrefix("OK")
  }

  func signOut(_ token: String, at daemon: Daemon? = nil) throws -> String {
    try (daemon ?? self.daemon).client().send("SIGNOUT \(token)")
  }

  /// The token of a new session, half a minute after the one before: a code is good once.
  func nextSession(_ person: Person, service: String? = nil) throws -> String {
    try daemon.moveClock(by: 30)
    return try daemon.client().session(person, service: service, at: daemon.time)
  }

  /// Values of the entry that name sessions which were signed out.
  func ended(_ person: Person) throws -> [String] {
    try slapd.entry(person)["drawbridgesessionended"]?.map { String(decoding: $0, as: UTF8.self) } ?? []
  }
}
