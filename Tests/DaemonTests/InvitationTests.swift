import Fixtures
import Testing

@Suite("An invitation", .serialized) struct InvitationTests {
  @Test(
    "of what can be no login makes no entry", arguments: ["a@b@c", "@@", "jdoe@example.org@", "j%C3%B6@example.org"])
  func noLogin(login: String) async throws {
    try await House.with { house in
      let reply = try house.daemon.adminClient().send("INVITE \(login) uid=jdoe cn=John sn=Doe")
      #expect(reply.hasPrefix("NO incomplete :a login is"), "\(reply)")
      #expect(try house.slapd.search("(uid=jdoe)").isEmpty)
    }
  }

  @Test("or an import is not set up for whose address was changed in between", arguments: ["FIRST", "SIGNIN"])
  func changedAddress(verb: String) async throws {
    try await House.with { house in
      let person = Person("jdoe")
      try house.slapd.seed([person], keys: house.daemon.keys, hasPassword: verb == "SIGNIN")
      let client = try house.daemon.client()
      var reply = try client.send("\(verb) \(person.mail)")
      if verb == "SIGNIN" { reply = try client.send("PASSWORD \(person.password)") }
      #expect(reply.hasPrefix("ASK code"))
      reply = try client.send("CODE \(house.mail.code(to: person.mail))")
      if verb == "FIRST" {
        try client.send("NEW-PASSWORD \(person.password)")
        reply = try client.send("CONFIRM-PASSWORD \(person.password)")
      }
      let field = try #require(reply.split(separator: " ").first { $0.hasPrefix("secret=") })
      try house.slapd.modify(person, "replace: mail\nmail: somebody.else@example.org")
      let code = try totp(secret: String(field.dropFirst(7)), at: house.daemon.time)
      #expect(try client.send("ENROL \(code)").hasPrefix("NO denied"))
      let entry = try house.slapd.entry(person)
      #expect(entry.string("drawbridgeTOTPSecret") == nil && entry.string("drawbridgeLastSignIn") == nil)
    }
  }
}
