import Fixtures
import Foundation
import Testing

@Suite("A stored password", .serialized) struct StoredPasswordTests {
  /// PW-06: what no password may match, and what asks for more than is granted.
  static let unusable = [
    "{ARGON2}$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc29tZXNhbHRzb21l",
    "{ARGON2}$argon2id$v=19$m=64,t=4294967295,p=1$c29tZXNhbHRzb21l$c29tZXNhbHRzb21lc29tZXNhbHRzb21l",
    "{ARGON2}$argon2id$v=19$m=99999999999999999999,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ",
    "{ARGON2}$argon2id$v=19$m=64,t=1,p=1$c29tZX", "{ARGON2}$argon2id", "{ARGON2}", "{ARGON2}$$$$$",
    "{ARGON2}$argon2id$v=19$m=64,t=1,p=1$$", "{ARGON2}$argon2id$v=19$m=,t=,p=$c29tZXNhbHQ$c29tZXNhbHQ",
    "{CRYPT}$6$rounds=999999999$salt$hash", "{CRYPT}$2b$31$abcdefghijklmnopqrstuuAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "{CRYPT}*", "{CRYPT}x", "{CRYPT}", "{CRYPT}$y$jzzzzzzzz$salt$hash", "{PBKDF2-SHA256}4294967295$c2FsdA$aGFzaA",
    "{PBKDF2-SHA256}1000$c2FsdA", "{PBKDF2-SHA256}-1$c2FsdA$aGFzaA", "{SSHA}", "{SSHA}!!!!", "{SSHA}c2hvcnQ=",
    "{SASL}", "{NOSUCH}Str0ng-Enough", "{", "{}", "Str0ng-Enough", "{CLEARTEXT}Str0ng-Enough",
    "{SSHA" + String(repeating: "A", count: 4000), String(repeating: "$", count: 4000),
  ]

  @Test("that is malformed, unknown or beyond the limits is refused as a wrong password is")
  func unusableHashes() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      for (index, stored) in Self.unusable.enumerated() {
        let uid = "user\(index)"
        try house.slapd.add(Slapd.account(uid, [Slapd.line("userPassword", Data(stored.utf8))]))
        let client = try house.daemon.client()
        try client.send("SIGNIN \(uid)@example.org")
        for left in [4, 3] {
          let reply = try client.send("PASSWORD Str0ng-Enough")
          #expect(reply.hasPrefix("ASK password echo=off refused=wrong left=\(left)"), "\(stored): \(reply)")
        }
      }
      #expect(house.daemon.isAlive)
      let resident = try String(contentsOfFile: "/proc/\(house.daemon.pid)/status", encoding: .utf8)
        .split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      let kibibytes = try #require(resident?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
      #expect(kibibytes < 1_048_576)  // none of them got what it asked for
      let person = try house.people("jdoe")[0]
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }

  @Test("of which there are two opens to neither")
  func twoValues() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let imported = try Self.slappasswd("{SSHA}", "Other-Enough1")
      try house.slapd.modify(person, "add: userPassword\n\(Slapd.line("userPassword", Data(imported.utf8)))\n")
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail)")
      for password in [person.password, "Other-Enough1"] {
        #expect(try client.send("PASSWORD \(password)").contains(" refused=wrong "))
      }
    }
  }

  @Test(
    "of another system is verified as slapd would",
    arguments: [
      "{SSHA}", "{SHA}", "{SSHA256}", "{SSHA512}", "{CRYPT}", "{PBKDF2-SHA256}", "{PBKDF2-SHA512}", "{ARGON2}",
    ])
  func imported(scheme: String) async throws {
    try await House.with { house in
      let stored = try Self.slappasswd(scheme, "Str0ng-Enough")
      #expect(stored.hasPrefix(scheme))
      try house.slapd.add(Slapd.account("jdoe", [Slapd.line("userPassword", Data(stored.utf8))]))
      let client = try house.daemon.client()
      try client.send("SIGNIN jdoe@example.org")
      #expect(try client.send("PASSWORD str0ng-enough").contains(" refused=wrong left=4"))
      // A password alone: it is half set up, and proves its mailbox next.
      #expect(try client.send("PASSWORD Str0ng-Enough").hasPrefix("ASK code to=j%2A%2A%2A%40example.org"))
    }
  }

  /// By slapd's own tool, which nobody here wrote.
  private static func slappasswd(_ scheme: String, _ password: String) throws -> String {
    let module = scheme == "{ARGON2}" ? "argon2" : scheme.hasPrefix("{PBKDF2") ? "pw-pbkdf2" : "pw-sha2"
    let kind = scheme == "{CRYPT}" ? ["-c", "$6$%.12s"] : ["-h", scheme]  // `-c` names the scheme, too
    let result = try Command.run(
      "/usr/sbin/slappasswd",
      ["-o", "module-path=/usr/lib/ldap", "-o", "module-load=\(module)"] + kind + ["-s", password])
    guard result.status == 0 else { throw FixtureError("slappasswd: \(result.errors)") }
    return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
