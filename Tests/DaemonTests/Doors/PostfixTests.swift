import Fixtures
import Foundation
import Testing

/// Submission as an organisation would have it: what the user's mail program sends is password and code in one.
@Suite("Postfix", .serialized, .enabled(if: geteuid() == 0, "Postfix starts as root")) struct PostfixTests {
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    case cyrus = "by Cyrus SASL and saslauthd's protocol"
    case dovecot = "by Dovecot's protocol"

    var testDescription: String { rawValue }
    func port(_ postfix: Postfix) -> Int { self == .cyrus ? postfix.cyrusPort : postfix.dovecotPort }
  }

  @Test("takes mail from whoever has password and code", arguments: Way.allCases)
  func submits(way: Way) async throws {
    try await DoorHouse.with(listen: "group = \"postfix\"") { house in
      let people = try house.people("jdoe", "jane")
      let postfix = try Postfix(saslauthd: house.saslauthd, dovecot: house.dovecot)
      defer { postfix.end() }
      func said(_ person: Person, _ mechanism: String, _ password: String) throws -> String {
        try postfix.authenticate(mechanism, port: way.port(postfix), login: person.mail, password: password)
      }
      for (person, mechanism) in zip(people, ["PLAIN", "LOGIN"]) {
        let alone = try said(person, mechanism, person.password)
        #expect(alone.hasPrefix("535 5.7.8 ") && alone.hasSuffix("\n250 554\n"), "\(alone)")
        let string = try house.string(of: person)
        let both = try said(person, mechanism, string)
        #expect(both == "235 2.7.0 Authentication successful\n250 250\n")
        #expect(try house.lastEvent("service") == "smtp")
        #expect(try said(person, mechanism, string).hasPrefix("535 5.7.8 "))
      }
      #expect(try house.lastEvent("from") == (way == .dovecot ? "127.0.0.1" : nil))
    }
  }
}
