import Fixtures
import Foundation
import Secrets
import Testing

/// ID-02, ID-03: however a login is written, it is one account with one budget and one mailbox.
@Suite("A login's spelling", .serialized) struct LoginSpellingTests {
  /// Of a login in lower case.
  static func accepted(_ login: String) -> [String] {
    let first = login.utf8.first.map { "%" + String($0, radix: 16) } ?? ""
    return [
      login, login.uppercased(), login.capitalized, "\(first)\(login.dropFirst())",
      login.replacingOccurrences(of: "@", with: "%40"),
    ]
  }

  /// What slapd, or a careless comparison, might take for the same.
  static func odd(_ login: String) -> [String] {
    let parts = login.components(separatedBy: "@")
    let (name, domain) = (parts[0], parts[1])
    let fullWidth = name.unicodeScalars.map { "%EF%BD%" + String($0.value + 0x20, radix: 16) }.joined()
    return [
      "%20\(login)", "\(login)%20", "\(login)%09", "\(login)%0A", "\(name)%00@\(domain)", "\(login)%00@evil.example",
      "\(name)%20@\(domain)", "\(name)@%20\(domain)", "\(login)@evil.example", "\(login),evil@evil.example",
      "\(fullWidth)@\(domain)", "\(name.replacingOccurrences(of: "i", with: "%C4%B1"))@\(domain)",
      "\(name.replacingOccurrences(of: "i", with: "ı"))@\(domain)",
      "\(name.uppercased().replacingOccurrences(of: "I", with: "%C4%B0"))@\(domain)", "\(login).", "\(login)%C2%A0",
      "<\(login)>", "mailto:\(login)", "\(name)%2540\(domain)",
    ]
  }

  struct Budget: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let verb: String
    /// What comes before the answer that is counted.
    var lead: [String] = []
    let wrong: String
    let limit: Int
    let attribute: String
  }

  static let budgets = [
    Budget(
      testDescription: "password", verb: "SIGNIN", wrong: "PASSWORD wrong", limit: 5,
      attribute: "drawbridgePasswordTries"),
    Budget(
      testDescription: "authenticator", verb: "SIGNIN", lead: ["PASSWORD Str0ng-Enough"], wrong: "TOTP 12345", limit: 5,
      attribute: "drawbridgeOTPTries"),
    Budget(
      testDescription: "forgot", verb: "FORGOT", wrong: "TOTP 12345", limit: 5, attribute: "drawbridgeForgotTries"),
    Budget(
      testDescription: "mailed code", verb: "FIRST", wrong: "CODE 12345", limit: 10, attribute: "drawbridgeCodeTries"),
  ]

  @Test("spends the account's own budget; once that is spent, no spelling has any left", arguments: budgets)
  func budget(of budget: Budget) async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      let person = Person("mike", secret: budget.verb == "FIRST" ? [] : try SystemRandom.bytes(20))
      try house.slapd.seed([person], keys: house.daemon.keys, hasPassword: budget.verb != "FIRST")
      let spellings = Self.accepted(person.mail) + Self.accepted(person.uid)
      func answer(_ spelling: String, _ last: String) throws -> String {
        let client = try house.daemon.client()
        var reply = ""
        for line in ["\(budget.verb) \(spelling)"] + budget.lead + [last] where !reply.hasPrefix("NO") {
          reply = try client.send(line)
        }
        return reply
      }
      for round in 0..<budget.limit {
        let reply = try answer(spellings[round % spellings.count], budget.wrong)
        #expect(reply.contains(" refused=wrong left=4"), "\(round): \(reply)")
      }
      for spelling in spellings {
        let reply = try answer(spelling, budget.wrong)
        #expect(reply.hasPrefix("NO locked after="), "\(spelling): \(reply)")
      }
      let tries = try house.slapd.entry(person).string(budget.attribute)
      #expect(tries?.split(separator: " ").count == budget.limit + 1, "\(tries ?? "none")")
    }
  }

  @Test("that is not the stored one but for ASCII case is nobody's, even with everything right")
  func oddSpellings() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      let person = try house.people("mike")[0]
      let before = try house.slapd.entry(person)
      for spelling in Self.odd(person.mail) {
        for verb in ["SIGNIN", "CHANGE", "FORGOT"] {
          let client = try house.daemon.client()
          var reply = try client.send("\(verb) \(spelling)")
          if reply.hasPrefix("ASK password") { reply = try client.send("PASSWORD \(person.password)") }
          if reply.hasPrefix("ASK totp") { reply = try client.send("TOTP \(person.code(at: house.daemon.time))") }
          #expect(reply.contains(" refused=wrong left=4") || reply.hasPrefix("ERR "), "\(verb) \(spelling): \(reply)")
        }
      }
      #expect(try house.slapd.entry(person) == before)
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }

  @Test("of a stranger has one budget, too")
  func stranger() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      let spellings = Self.accepted("nobody@example.org")
      for number in 0..<6 {
        let client = try house.daemon.client()
        try client.send("SIGNIN \(spellings[number % spellings.count])")
        let reply = try client.send("PASSWORD wrong")
        #expect(reply.contains(number < 5 ? " refused=wrong left=4" : "NO locked after="), "\(reply)")
      }
    }
  }

  @Test("never decides where mail goes: to the stored address, byte for byte, and to nobody beside")
  func recipient() async throws {
    let settings = "[limits]\nrefusal-floor = \"0s\"\n[code]\ncooldown = \"0s\"\nper-hour = 30\nper-day = 30\n"
    try await House.with(settings: settings) { house in
      let stored = "Mike.Oliver+Sign-In@Example.ORG"
      try house.slapd.add(Slapd.account("mike", mail: stored))
      let typed = Self.accepted(stored.lowercased()) + ["mike", "MIKE"]
      func ask(_ verb: String) throws {
        for spelling in typed + Self.odd(stored.lowercased()) { try house.daemon.client().send("\(verb) \(spelling)") }
      }
      try ask("FIRST")
      #expect(try house.recipients() == Array(repeating: stored, count: typed.count))
      // A code that one spelling asked for is good for another.
      let client = try house.daemon.client()
      try client.send("FIRST \(stored.uppercased())")
      let code = try house.mail.code(to: stored, number: typed.count + 1)
      #expect(try client.send("CODE \(code)").hasPrefix("ASK new-password"))
      // Now as notices.
      try house.slapd.modify(Person("mike"), "add: userPassword\nuserPassword: x\n")
      try ask("FIRST")
      try Fixtures.await("the notices") {
        let notices = house.mail.messages(to: stored).filter { $0.contains("no authenticator app yet") }
        return notices.count == typed.count ? true : nil
      }
      #expect(try house.recipients() == Array(repeating: stored, count: 2 * typed.count + 1))
      for message in house.mail.messages(to: stored) {
        let headers = message.components(separatedBy: "\n\n")[0].split(separator: "\n").map { $0.lowercased() }
        #expect(headers.filter { $0.hasPrefix("to:") } == ["to: <\(stored.lowercased())>"])
        #expect(!headers.contains { $0.hasPrefix("cc:") || $0.hasPrefix("bcc:") })
        #expect(message.contains("\nTo: <\(stored)>\n"))
      }
    }
  }
}
