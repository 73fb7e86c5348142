import Fixtures
import Foundation
import Secrets
import Testing

/// FL-10: the owner hears by mail what was done to the account, once, and the mail holds nothing that opens it.
@Suite("A notice", .serialized) struct NoticeTests {
  private static let settings = """
    [limits]
    refusal-floor = "0s"
    [texts]
    contact = "helpdesk@example.org"

    """
  private static let new = "N3w-Password"

  /// The one message with this subject, once all are there.
  private func only(_ subject: String, to person: Person, in house: House) throws -> String {
    let found = try {
      _ = try house.mail.message(to: person.mail, holding: "Subject: \(subject)")
      _ = try house.recipients()
      return house.mail.messages(to: person.mail).filter { $0.contains("Subject: \(subject)") }
    }()
    #expect(found.count == 1, "\(found)")
    return found[0]
  }

  /// In every form in which a mail could carry it.
  private func holds(_ message: String, _ secret: some StringProtocol) -> Bool {
    let bytes = Data(secret.utf8)
    return message.contains(secret) || message.contains(bytes.base64EncodedString().prefix { $0 != "=" }.dropLast())
  }

  private func check(_ message: String, of person: Person, in house: House, _ secrets: [String]) throws {
    var all = secrets + [person.password, Self.new]
    if !person.secret.isEmpty {
      all.append(Base32.encode(person.secret))
      all += try (-2...2).map { try person.code(at: house.daemon.time + 30 * $0) }
    }
    for secret in all { #expect(!holds(message, secret), "\(message)") }
    #expect(!message.contains("code is: "))
  }

  @Test("of a changed password comes once, from either flow", arguments: ["FORGOT", "CHANGE"])
  func passwordChanged(verb: String) async throws {
    try await House.with(settings: Self.settings) { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      try client.send("\(verb) \(person.mail)")
      if verb == "CHANGE" { try client.send("PASSWORD \(person.password)") }
      try client.send("TOTP \(person.code(at: house.daemon.time))")
      try client.send("NEW-PASSWORD \(Self.new)")
      #expect(try house.recipients() == [])  // not before it was
      #expect(try client.send("CONFIRM-PASSWORD \(Self.new)").hasPrefix("OK password-changed"))
      let message = try only("Your Single Sign-On password was changed", to: person, in: house)
      try check(message, of: person, in: house, [])
      #expect(message.contains("helpdesk@example.org"))
      #expect(try house.recipients() == [person.mail])
    }
  }

  @Test("of an authenticator that was set up comes once", arguments: ["FIRST", "SIGNIN"])
  func enrolled(verb: String) async throws {
    try await House.with(settings: Self.settings) { house in
      let person = Person("jdoe")
      try house.slapd.seed([person], keys: house.daemon.keys, hasPassword: verb == "SIGNIN")
      let client = try house.daemon.client()
      try client.send("\(verb) \(person.mail)")
      if verb == "SIGNIN" { try client.send("PASSWORD \(person.password)") }
      let mailed = try house.mail.code(to: person.mail)
      var reply = try client.send("CODE \(mailed)")
      if verb == "FIRST" {
        try client.send("NEW-PASSWORD \(Self.new)")
        reply = try client.send("CONFIRM-PASSWORD \(Self.new)")
      }
      let field = try #require(reply.split(separator: " ").first { $0.hasPrefix("secret=") })
      let secret = String(field.dropFirst(7))
      let code = try totp(secret: secret, at: house.daemon.time)
      #expect(try client.send("ENROL \(code)").hasPrefix("OK signed-in"))
      let message = try only("An authenticator app was set up", to: person, in: house)
      try check(message, of: person, in: house, [secret, code, mailed])
      #expect(message.contains("helpdesk@example.org"))
      #expect(try house.recipients() == [person.mail, person.mail])  // the code's, and this
    }
  }

  struct Guessing: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let lines: [String]
    let guess: String
  }

  static let guessing = [
    Guessing(testDescription: "passwords", lines: ["SIGNIN jdoe"], guess: "PASSWORD wr0ng-Guess"),
    Guessing(
      testDescription: "authenticator's codes", lines: ["SIGNIN jdoe", "PASSWORD Str0ng-Enough"], guess: "TOTP 12345"),
    Guessing(testDescription: "codes without a password", lines: ["FORGOT jdoe"], guess: "TOTP 12345"),
  ]

  @Test("of failed tries comes once, with the fifth in a row", arguments: guessing)
  func failedTries(guessing: Guessing) async throws {
    try await House.with(settings: Self.settings) { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      for line in guessing.lines { try client.send(line) }
      for _ in 0..<4 { #expect(try client.send(guessing.guess).contains(" refused=wrong ")) }
      #expect(try house.recipients() == [])
      #expect(try client.send(guessing.guess).hasPrefix("NO denied"))
      let message = try only("Failed sign-ins", to: person, in: house)
      try check(message, of: person, in: house, ["wr0ng-Guess"])
      // While it rests, nothing is tried and nothing told.
      for line in guessing.lines + [guessing.guess] { try client.send(line) }
      #expect(try house.recipients() == [person.mail])
    }
  }

  @Test("of failed tries comes again with the next five of a guesser who is patient")
  func failedTriesAgain() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let person = try house.people("jdoe")[0]
      for day in 1...3 {
        let client = try house.daemon.client()
        try client.send("FORGOT \(person.mail)")
        for _ in 0..<5 { try client.send("TOTP 12345") }
        _ = try house.mail.message(to: person.mail, holding: "Failed sign-ins", number: day)
        try clock.advance(by: 86_401)
      }
      #expect(try house.recipients().count == 3)
    }
  }

  @Test("of a reactivation comes once")
  func reactivated() async throws {
    try await House.with(settings: Self.settings) { house in
      let person = try house.people("jdoe")[0]
      try house.slapd.modify(person, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z\n")
      let admin = try house.daemon.adminClient()
      #expect(try admin.send("REACTIVATE \(person.mail)").hasPrefix("OK reactivated"))
      let message = try only("Your Single Sign-On account was reactivated", to: person, in: house)
      try check(message, of: person, in: house, [])
      #expect(try admin.send("REACTIVATE \(person.mail)").hasPrefix("NO not-deactivated"))
      #expect(try house.recipients() == [person.mail])
    }
  }
}
