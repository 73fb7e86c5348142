import Fixtures
import Foundation
import Testing

@Suite("Explaining an account") struct ExplainCommandTests {
  private func remedy(_ name: String, _ house: House, _ person: Person) throws -> String {
    let shown = try house.drawbridge("user", "explain", person.mail, "--json")
    #expect(shown.status == 0, "\(shown.errors)")
    let items = try Drawbridge.objects(shown.output)[0]["items"] as? [[String: Any]] ?? []
    return items.filter { $0["change"] as? String == name }.compactMap { $0["text"] as? String }
      .joined(separator: "\n") + "\n"
  }

  private func state(_ house: House, _ person: Person) throws -> String? {
    let shown = try house.drawbridge("user", "show", person.mail, "--json")
    return (try Drawbridge.objects(shown.output)[0]["fields"] as? [String: Any])?["state"] as? String
  }

  @Test("what it tells to feed to ldapmodify does what it says, with and without ppolicy", arguments: [false, true])
  func remedies(ppolicy: Bool) async throws {
    var options = Slapd.Options()
    options.ppolicy = ppolicy
    try await House.with(options) { house in
      let people = try house.people("jdoe", "lost", attributes: ["drawbridgeOTPTries: 3"])
      let steps = [
        ("deactivate", "deactivated"), ("reactivate", "active"), ("forget-tries", "active"),
        ("reset-authenticator", "half-set-up"), ("first-time-login", "invited"), ("invite-again", "invited"),
        ("deactivate", "deactivated"), ("reactivate", "invited"),
      ]
      for (change, expected) in steps {
        let ldif = try remedy(change, house, people[0])
        #expect(ldif.hasPrefix("dn: \(people[0].dn)\nchangetype: modify\n"), "\(change): \(ldif)")
        try house.slapd.modify(ldif)
        #expect(try state(house, people[0]) == expected, "\(change)")
      }
      #expect(try house.slapd.entry(people[0]).string("drawbridgeOTPTries") == nil)
      try house.slapd.modify(try remedy("reset-password", house, people[1]))
      #expect(try state(house, people[1]) == "half-set-up")
      try house.slapd.modify(try remedy("exempt", house, people[1]))
      #expect(try house.slapd.entry(people[1]).string("drawbridgeExempt") == "TRUE")
      try house.slapd.modify(try remedy("exempt-no-more", house, people[1]))
      #expect(try house.slapd.entry(people[1]).string("drawbridgeExempt") == nil)
      #expect(try remedy("deactivate", house, people[1]).contains("pwdAccountLockedTime") == ppolicy)
      if ppolicy {
        try house.slapd.modify(people[1], "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z")
        #expect(try state(house, people[1]) == "locked")
        try house.slapd.modify(try remedy("unlock", house, people[1]))
        #expect(try state(house, people[1]) == "half-set-up")
      }
    }
  }

  @Test("it reads like an administrator's answer, and holds no hash, secret or code")
  func secrecy() async throws {
    try await House.with { house in
      let person = try house.people("jdoe", attributes: ["drawbridgeCode: 12345678qzvqzvqzvqzv"])[0]
      let wrong = try house.daemon.client()
      _ = try wrong.send("SIGNIN \(person.mail)")
      for _ in 0..<5 { _ = try wrong.send("PASSWORD wrong") }
      let entry = try house.slapd.entry(person)
      for form in [[], ["--json"]] {
        let shown = try house.drawbridge.run(["user", "explain", person.mail] + form)
        #expect(shown.status == 0, "\(shown.errors)")
        for name in ["userPassword", "drawbridgeTOTPSecret", "drawbridgeCode"] {
          let value = try #require(entry[name.lowercased()]?.first)
          #expect(!shown.output.contains(value.base64EncodedString()))
          #expect(!shown.output.contains(String(decoding: value.dropFirst(8).prefix(12), as: UTF8.self)), "\(name)")
        }
        #expect(shown.output.contains("A hash of scheme ARGON2, which can be verified."))
        #expect(shown.output.contains("5 in a row"))
        #expect(shown.output.contains("rests until 20"))
      }
      let budget = try Drawbridge.objects(try house.drawbridge("user", "explain", person.mail, "--json").output)[0]
      let items = try #require(budget["items"] as? [[String: Any]])
      let password = try #require(items.first { $0["budget"] as? String == "password" })
      #expect(password["in-a-row"] as? String == "5" && password["rests-until"] != nil)
      #expect(house.audit("explain").count == 3)
    }
  }
}
