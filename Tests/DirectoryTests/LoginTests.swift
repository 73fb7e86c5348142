import Fixtures
import Foundation
import SignIn
import Testing

@testable import Directory

@Suite("Logins", .serialized) struct LoginTests {
  @Test("a login is found as the directory compares it, but for ASCII case it is a stored value")
  func finds() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("jdoe"))
      for login in ["jdoe@example.org", "JDoe@Example.ORG", "jdoe", "JDOE"] {
        #expect(try await directory.account(login)?.uid == "jdoe", "\(login)")
      }
      #expect(try await directory.account("jdoe@example.org")?.mail == "jdoe@example.org")
    }
  }

  @Test("no login is a pattern")
  func escapes() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("jdoe"))
      for login in [
        "*", "j*", "*@example.org", "*)(uid=*", "jdoe)(objectClass=*", "jdoe)", "(jdoe", "\\2a", "\\6adoe", "jdoe\\",
        "jdoe@example.org)(mail=*@example.org", "jd*@example.org", "(|(uid=*))", "&", "|", "!",
      ] {
        #expect(try await directory.account(login) == nil, "\(login)")
      }
    }
  }

  @Test("two entries with one address are nobody")
  func refusesAmbiguous() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("one", mail: "both@example.org") + Slapd.account("two", mail: "BOTH@example.org"))
      #expect(try await directory.account("both@example.org") == nil)
      #expect(try await directory.account("one")?.uid == "one")
    }
  }

  @Test("only the first address of an entry is a login")
  func ignoresSecondAddress() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("jdoe", ["mail: second@example.org"]))
      #expect(try await directory.account("jdoe@example.org")?.mail == "jdoe@example.org")
      #expect(try await directory.account("second@example.org") == nil)
    }
  }

  @Test("an entry that takes no part is not found")
  func ignoresOthers() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(
        "dn: uid=plain,\(Slapd.people)\nobjectClass: inetOrgPerson\nuid: plain\ncn: p\nsn: p\nmail: p@example.org\n")
      #expect(try await directory.account("p@example.org") == nil)
    }
  }

  @Test("what slapd would match too loosely never reaches it")
  func asksNothing() async throws {
    var options = Slapd.Options()
    options.logsOperations = true
    try await Slapd.withAccounts(options) { slapd, directory in
      try slapd.add(Slapd.account("mike"))
      try await directory.ping()
      let odd: [[UInt8]] =
        [
          "m\u{131}ke", "m\u{131}ke@example.org", "\u{FF4D}ike", "\u{24DC}ike@example.org", "MIKE\u{130}", " mike",
          "mike ", "mi ke", "mike\0", "mike\0@example.org", "mike@example.org\0evil", "mike\n", "\tmike", "mike\u{7F}",
          "", "mike@example.org@example.org", String(repeating: "m", count: 255),
        ].map { Array($0.utf8) } + [[0xFF], [0x6D, 0x69, 0xC3], Array(UInt8(0x80)...0xFF)]
      for login in odd { #expect(try await directory.account(login: login) == nil, "\(login)") }
      _ = try await directory.account("mike@example.org")
      // Answered means logged: the search for mike is there, and it is the only one of its kind.
      let searches = try Fixtures.await("the search in the log") {
        let lines = slapd.log.split(separator: "\n").filter {
          $0.contains("SRCH base=") && $0.contains("drawbridgeAccount)(|")
        }
        return lines.isEmpty ? nil : lines
      }
      #expect(searches.count == 1)
    }
  }

  @Test(
    "an invited entry is made below people, whatever its name is",
    arguments: [
      "a,ou=admins", "#0402", " leading", "trailing ", "a+cn=b", "\"quoted\"", "a\\,b", "a=b", "<a>;b", "é", "/",
      "a\\2Cou=x",
    ])
  func invitesBelowPeople(uid: String) async throws {
    try await Slapd.withAccounts { slapd, directory in
      let invitation = Invitation(login: Array("new@example.org".utf8), attributes: ["uid": Array(uid.utf8)])
      guard case .invited(let account) = try await directory.invite(invitation) else {
        Issue.record("not invited")
        return
      }
      #expect(account.standing == .invited)
      let below = try slapd.search("(objectClass=drawbridgeAccount)", base: Slapd.people, scope: "one")
      #expect(below.map { $0.string("uid") } == [uid])
      #expect(try slapd.search("(objectClass=drawbridgeAccount)").count == 1)
    }
  }

  @Test("an existing entry is adopted, an invited one invited again, and one with a password is not touched")
  func invites() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(
        "dn: uid=plain,\(Slapd.people)\nobjectClass: inetOrgPerson\nuid: plain\ncn: p\nsn: p\nmail: p@example.org\n\n"
          + Slapd.account("active", ["userPassword: x"]))
      let invitation = Invitation(login: Array("p@example.org".utf8), attributes: [:])
      for _ in 0..<2 {
        guard case .invited(let account) = try await directory.invite(invitation) else {
          Issue.record("not invited")
          return
        }
        #expect(account.dn == "uid=plain,\(Slapd.people)")
        #expect(account.invited == today)
      }
      let other = Invitation(login: Array("active@example.org".utf8), attributes: [:])
      #expect(try await directory.invite(other) == .exists)
    }
  }
}
