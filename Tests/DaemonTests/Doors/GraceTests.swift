import Fixtures
import Foundation
import Synchronization
import Testing

/// `[[service]] grace`: applications that keep a string and bind with it again.
@Suite("A string that was right a moment ago", .serialized) struct GraceTests {
  private static let members = "cn=imap,ou=groups,\(Slapd.suffix)"
  private static let granted = """
    [[service]]
    name = "imap"
    group = "\(members)"
    grace = "10m"

    """

  private func group(of person: Person, in slapd: Slapd) throws {
    try slapd.add(
      "dn: \(Self.members)\nobjectClass: groupOfNames\ncn: imap\nmember: \(Slapd.admins)\nmember: \(person.dn)\n")
  }

  @Test("opens the service again that is granted a while, and no other, and is no further sign-in")
  func again() async throws {
    try await DoorHouse.with(settings: Self.granted) { house in
      let person = try house.person()
      try group(of: person, in: house.slapd)
      let string = try house.string(of: person)
      #expect(try house.answer(person.mail, string) == "OK")
      let before = try house.slapd.entry(person)
      for _ in 0..<3 { #expect(try house.answer(person.mail, string) == "OK") }
      #expect(try house.lastEvent("result") == "signed-in-again")
      #expect(try house.answer("JDOE@example.org", string) == "OK")
      #expect(try house.answer(person.mail, string, service: "smtp") == "NO denied")
      #expect(try house.answer(person.mail, string, service: "") == "NO denied")
      #expect(try house.answer(person.mail, person.password + person.wrongCode(at: house.daemon.time)) == "NO denied")
      #expect(try house.slapd.entry(person).string("drawbridgeLastSignIn") == before.string("drawbridgeLastSignIn"))
      // It is the string that is known: it opens nothing where a code is asked for.
      let client = try house.daemon.client()
      #expect(try client.signIn(person, at: house.daemon.time).contains(" refused=reused"))
    }
  }

  enum End: String, CaseIterable, CustomTestStringConvertible {
    case signedOut = "sign-out everywhere"
    case deactivated = "a deactivation"
    case password = "a changed password"
    case secret = "another authenticator"
    case group = "leaving the service's group"
    case login = "another's having the login"
    case restart = "a restart of the daemon"

    var testDescription: String { rawValue }

    func make(_ person: Person, in house: DoorHouse) throws {
      switch self {
      case .signedOut: #expect(try house.daemon.adminClient().send("SIGNOUT-ALL \(person.mail)").hasPrefix("OK"))
      case .deactivated: #expect(try house.daemon.adminClient().send("DEACTIVATE \(person.mail)").hasPrefix("OK"))
      case .password: try house.slapd.modify(person, "replace: userPassword\nuserPassword: Another-Passw0rd")
      case .secret: try house.slapd.modify(person, "delete: drawbridgeTOTPSecret")
      case .group:
        try house.slapd.modify("dn: \(GraceTests.members)\nchangetype: modify\ndelete: member\nmember: \(person.dn)\n")
      case .login:
        try house.slapd.modify(person, "replace: mail\nmail: else@example.org")
        try house.slapd.add(Slapd.account("jane", mail: person.mail))
      case .restart:
        try house.daemon.terminate()
        try house.daemon.start()
      }
    }
  }

  @Test("opens nothing any more after whatever ends a session", arguments: End.allCases)
  func ends(end: End) async throws {
    try await DoorHouse.with(settings: Self.granted) { house in
      let person = try house.person()
      try group(of: person, in: house.slapd)
      let string = try house.string(of: person)
      for _ in 0..<2 { #expect(try house.answer(person.mail, string) == "OK") }
      try end.make(person, in: house)
      #expect(try house.answer(person.mail, string) == "NO denied")
    }
  }

  @Test("opens nothing any more when the while is over")
  func isOver() async throws {
    try await DoorHouse.with(settings: "[[service]]\nname = \"imap\"\ngrace = \"1s\"\n") { house in
      let person = try house.person()
      let string = try house.string(of: person)
      #expect(try house.answer(person.mail, string) == "OK")
      try Fixtures.await("the end of the while") {
        try house.answer(person.mail, string) == "NO denied" ? true : nil
      }
      #expect(try house.lastEvent("result") == "reused")
    }
  }

  @Test("that comes many times at once is one sign-in, and the others are its repetitions", arguments: [true, false])
  func atOnce(isGranted: Bool) async throws {
    let settings = isGranted ? "[[service]]\nname = \"imap\"\ngrace = \"10m\"\n" : ""
    try await DoorHouse.with(settings: settings) { house in
      let person = try house.person()
      let string = try house.string(of: person)
      let answers = Mutex<[String]>([])
      for _ in 0..<8 {
        Thread {
          let answer = (try? house.answer(person.mail, string)) ?? "nothing"
          answers.withLock { $0.append(answer) }
        }.start()
      }
      try Fixtures.await("eight answers") { answers.withLock { $0.count == 8 ? true : nil } }
      #expect(answers.withLock { $0.count { $0 == "OK" } } == (isGranted ? 8 : 1))
      #expect(house.events.count { $0.contains(" result=signed-in ") } == 1)
      #expect(try house.slapd.entry(person).string("drawbridgePasswordTries") == nil)
    }
  }
}
