import Fixtures
import Testing

@Suite("The spine") struct SpineTests {
  @Test("a seeded account signs in, its code works once, and its stamps stand in the directory")
  func signsIn() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      let time = house.daemon.time
      let reply = try client.signIn(person, at: time)
      #expect(reply.hasPrefix("OK signed-in login=jdoe%40example.org uid=jdoe"), "\(reply)\n\(house.daemon.log)")
      #expect(try client.signIn(person, at: time).hasPrefix("ASK totp digits=6 period=30 echo=on refused=reused"))
      let entry = try house.slapd.entry(person)
      #expect(entry.string("drawbridgeTOTPLastStep") == String(time / 30))
      #expect(entry.string("drawbridgeLastSignIn") != nil)
      #expect(entry.string("drawbridgeIdleSince")?.hasSuffix("000000Z") == true)
    }
  }
}
