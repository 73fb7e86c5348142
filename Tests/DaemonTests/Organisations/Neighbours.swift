import Fixtures
import Foundation
import Secrets

/// Organisations side by side: `acme` and `globex` by subtree, `umbrella` by the attribute `o`; each with a group of
/// administrators.
enum Neighbours {
  static let acme = "ou=acme,\(Slapd.people)"
  static let globex = "ou=globex,\(Slapd.people)"

  static func group(_ name: String) -> String { "cn=\(name)-admins,ou=groups,\(Slapd.suffix)" }

  static let settings = """
    [[organisation]]
    name = "acme"
    subtree = "OU=Acme,\(Slapd.people)"
    administrators = "\(group("acme"))"
    contact = "Anna of Acme, anna@example.org"
    inactivity-limit = "90d"
    password-profile = "nist"
    [[organisation]]
    name = "globex"
    subtree = "\(globex)"
    administrators = "\(group("globex"))"
    [[organisation]]
    name = "umbrella"
    value = "Umbrella"
    administrators = "\(group("umbrella"))"

    """

  static func person(_ uid: String, in parent: String) throws -> Person {
    var person = Person(uid, secret: try SystemRandom.bytes(20))
    person.parent = parent
    return person
  }

  /// Two units and three groups; members are DNs.
  static func ldif(acme: [String], globex: [String], umbrella: [String]) -> String {
    let units = ["acme", "globex"].map {
      "dn: ou=\($0),\(Slapd.people)\nobjectClass: organizationalUnit\nou: \($0)\n\n"
    }
    let groups = [("acme", acme), ("globex", globex), ("umbrella", umbrella)].map { name, members in
      "dn: \(group(name))\nobjectClass: groupOfNames\ncn: \(name)-admins\n"
        + members.map { "member: \($0)\n" }.joined() + "\n"
    }
    return (units + groups).joined()
  }
}

/// A house with people in each organisation; `anna`, `gus` and `ugo` are the administrators.
struct Neighbourhood {
  let house: House
  let anna, alice, gus, greta, ugo, uma, nobody: Person

  init(_ house: House) throws {
    self.house = house
    anna = try Neighbours.person("anna", in: Neighbours.acme)
    alice = try Neighbours.person("alice", in: Neighbours.acme)
    gus = try Neighbours.person("gus", in: Neighbours.globex)
    greta = try Neighbours.person("greta", in: Neighbours.globex)
    ugo = try Neighbours.person("ugo", in: Slapd.people)
    uma = try Neighbours.person("uma", in: Slapd.people)
    nobody = try Neighbours.person("nobody", in: Slapd.people)
    try house.slapd.add(Neighbours.ldif(acme: [anna.dn], globex: [gus.dn], umbrella: [ugo.dn]))
    try house.slapd.seed([anna, alice, gus, greta, nobody], keys: house.daemon.keys)
    try house.slapd.seed([ugo, uma], keys: house.daemon.keys, attributes: ["o: umbrella"])
  }

  static func with<Value>(
    settings: String = "", hasOwnClock: Bool = false, _ body: (Neighbourhood) async throws -> Value
  ) async throws -> Value {
    try await House.with(
      settings: settings + Neighbours.settings, hasOwnClock: hasOwnClock
    ) { house in
      try await body(Neighbourhood(house))
    }
  }

  /// The token of a new session.
  func session(_ person: Person, service: String? = "admin", of daemon: Daemon? = nil) throws -> String {
    let daemon = daemon ?? house.daemon
    return try daemon.client().session(person, service: service, at: daemon.time)
  }

  func id(_ person: Person) throws -> String { try house.slapd.entry(person).string("entryUUID") ?? "" }

  /// Lines of the audit that hold all of these.
  func audited(_ words: String...) -> Int {
    house.daemon.log.split(separator: "\n").count { line in
      line.contains(" audit") && words.allSatisfy { line.contains("\($0)") }
    }
  }
}

extension LineClient {
  /// Signs in and answers the token of the session.
  func session(_ person: Person, service: String?, at time: Int) throws -> String {
    _ = try send("SIGNIN \(person.mail)" + (service.map { " service=\($0)" } ?? ""))
    _ = try send("PASSWORD \(person.password)")
    let reply = try send("TOTP \(try person.code(at: time))")
    guard let token = reply.value("session") else { throw FixtureError("no session: \(reply)") }
    return token
  }
}

extension String {
  /// A field of a reply.
  func value(_ name: String) -> String? {
    split(separator: " ").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
  }
}
