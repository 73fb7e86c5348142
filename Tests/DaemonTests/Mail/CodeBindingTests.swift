import Fixtures
import Foundation
import Secrets
import Testing

/// EC-03, EC-05: a mailed code is for one account, one purpose and one use, and dies of five wrong tries.
@Suite("A mailed code", .serialized) struct CodeBindingTests {
  /// The three flows that mail one.
  enum Purpose: String, CaseIterable, CustomTestStringConvertible {
    case first = "FIRST"
    case halfSetUp = "SIGNIN"
    case forgot = "FORGOT"

    var testDescription: String { rawValue }
    var next: String {
      switch self {
      case .first: "ASK new-password"
      case .halfSetUp: "ASK enrol"
      case .forgot: "ASK totp"
      }
    }
  }

  private static let settings = "[forgot]\nmail-code = true\n"

  /// Somebody who may walk this flow.
  private func person(_ uid: String, _ purpose: Purpose, in house: House) throws -> Person {
    let person = Person(uid, secret: purpose == .forgot ? try SystemRandom.bytes(20) : [])
    try house.slapd.seed([person], keys: house.daemon.keys, hasPassword: purpose != .first)
    return person
  }

  /// A client that is asked for a code.
  private func client(_ purpose: Purpose, _ person: Person, in house: House) throws -> LineClient {
    let client = try house.daemon.client()
    var reply = try client.send("\(purpose.rawValue) \(person.mail)")
    if purpose == .halfSetUp { reply = try client.send("PASSWORD \(person.password)") }
    guard reply.hasPrefix("ASK code") else { throw FixtureError("\(purpose): \(reply)") }
    return client
  }

  @Test("dies of five wrong tries, from however many connections", arguments: Purpose.allCases)
  func fiveWrongTries(purpose: Purpose) async throws {
    try await House.with(settings: Self.settings) { house in
      let people = try ["four", "five"].map { try person($0, purpose, in: house) }
      for (person, wrongTries) in zip(people, [4, 5]) {
        let clients = try (0..<3).map { _ in try client(purpose, person, in: house) }
        let code = try house.mail.code(to: person.mail)
        let wrong = code == "000000" ? "111111" : "000000"
        for number in 0..<wrongTries {
          #expect(try clients[number % 3].send("CODE \(wrong)").contains(" refused=wrong "))
        }
        let reply = try client(purpose, person, in: house).send("CODE \(code)")
        #expect(reply.hasPrefix(wrongTries < 5 ? purpose.next : "ASK code"), "\(wrongTries): \(reply)")
        #expect(try house.slapd.entry(person).string("drawbridgeCode") == nil)
      }
      #expect(try house.recipients().filter { $0 == people[1].mail }.count <= 2)  // its code, and a notice of the tries
    }
  }

  @Test("is void once AGAIN has sent another", arguments: Purpose.allCases)
  func again(purpose: Purpose) async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let person = try person("jdoe", purpose, in: house)
      let asked = try client(purpose, person, in: house)
      let former = try house.mail.code(to: person.mail)
      try clock.advance(by: 61)
      #expect(try !asked.send("AGAIN").contains("refused="))
      let present = try house.mail.code(to: person.mail, number: 2)
      guard former != present else { return }  // once in a million
      #expect(try asked.send("CODE \(former)").contains(" refused=wrong left=4"))
      #expect(try asked.send("CODE \(present)").hasPrefix(purpose.next))
    }
  }

  @Test("works once", arguments: Purpose.allCases)
  func once(purpose: Purpose) async throws {
    try await House.with(settings: Self.settings) { house in
      let person = try person("jdoe", purpose, in: house)
      let clients = try (0..<2).map { _ in try client(purpose, person, in: house) }
      let code = try house.mail.code(to: person.mail)
      #expect(try clients[0].send("CODE \(code)").hasPrefix(purpose.next))
      #expect(try clients[1].send("CODE \(code)").contains(" refused=wrong left=4"))
    }
  }

  @Test("of another account is wrong", arguments: Purpose.allCases, Purpose.allCases)
  func otherAccount(owner: Purpose, thief: Purpose) async throws {
    try await House.with(settings: Self.settings) { house in
      let people = [try person("owner", owner, in: house), try person("thief", thief, in: house)]
      let clients = [try client(owner, people[0], in: house), try client(thief, people[1], in: house)]
      let codes = try people.map { try house.mail.code(to: $0.mail) }
      guard codes[0] != codes[1] else { return }  // once in a million
      #expect(try clients[1].send("CODE \(codes[0])").contains(" refused=wrong left=4"))
      #expect(try clients[0].send("CODE \(codes[1])").contains(" refused=wrong left=4"))
      #expect(try clients[0].send("CODE \(codes[0])").hasPrefix(owner.next))
      #expect(try clients[1].send("CODE \(codes[1])").hasPrefix(thief.next))
    }
  }

  @Test("is wrong at another entry, wherever it was copied to, even with the same address", arguments: Purpose.allCases)
  func copied(purpose: Purpose) async throws {
    try await House.with(settings: Self.settings) { house in
      let people = try ["owner", "thief"].map { try person($0, purpose, in: house) }
      let clients = try people.map { try client(purpose, $0, in: house) }
      let code = try house.mail.code(to: people[0].mail)
      let stored = try #require(try house.slapd.entry(people[0])["drawbridgecode"]?.first)
      try house.slapd.modify(
        people[1],
        "replace: drawbridgeCode\n\(Slapd.line("drawbridgeCode", stored))\n-\nreplace: mail\n"
          + "mail: \(people[0].mail)\n")
      // By its uid: the address leads to two entries now.
      let asked = try house.daemon.client()
      try asked.send("\(purpose.rawValue) thief")
      if purpose == .halfSetUp { try asked.send("PASSWORD \(people[1].password)") }
      #expect(try asked.send("CODE \(code)").contains(" refused=wrong left=4"))
      try house.slapd.modify(people[1], "replace: mail\nmail: \(people[1].mail)\n")
      #expect(try clients[0].send("CODE \(code)").hasPrefix(purpose.next))
    }
  }

  @Test("for another purpose is wrong, although it is live and the account its own", arguments: Purpose.allCases)
  func otherPurpose(purpose: Purpose) async throws {
    try await House.with(settings: Self.settings) { house in
      // Everything that any of the flows needs, to be put there and taken away.
      let person = try Person("jdoe", secret: SystemRandom.bytes(20))
      try house.slapd.seed([person], keys: house.daemon.keys)
      let full = try house.slapd.entry(person)
      func change(for purpose: Purpose) throws {
        let parts = [("userPassword", purpose != .first), ("drawbridgeTOTPSecret", purpose == .forgot)].map {
          name, isThere in
          "replace: \(name)\n"
            + (isThere ? Slapd.line(name, full[name.lowercased()]?.first ?? Data()) + "\n" : "") + "-\n"
        }
        try house.slapd.modify(person, parts.joined())
      }
      try change(for: purpose)
      _ = try client(purpose, person, in: house)
      let code = try house.mail.code(to: person.mail)
      for other in Purpose.allCases where other != purpose {
        try change(for: other)
        // Within the cooldown: no other code is sent, and this one stays live.
        let reply = try client(other, person, in: house).send("CODE \(code)")
        #expect(reply.contains(" refused=wrong left=4"), "\(purpose) as \(other): \(reply)")
      }
      try change(for: purpose)
      #expect(try client(purpose, person, in: house).send("CODE \(code)").hasPrefix(purpose.next))
      #expect(house.mail.messages(to: person.mail).count == 1)
    }
  }

  @Test("is wrong once the account's address is another")
  func otherAddress() async throws {
    try await House.with { house in
      let person = try person("jdoe", .first, in: house)
      let asked = try client(.first, person, in: house)
      let code = try house.mail.code(to: person.mail)
      try house.slapd.modify(person, "replace: mail\nmail: other@example.org\n")
      #expect(try asked.send("CODE \(code)").contains(" refused=wrong left=4"))
      let another = try house.daemon.client()
      try another.send("FIRST other@example.org")
      #expect(try another.send("CODE \(code)").contains(" refused=wrong left=4"))
      try house.slapd.modify(person, "replace: mail\nmail: \(person.mail)\n")
      #expect(try asked.send("CODE \(code)").hasPrefix("ASK new-password"))
    }
  }
}
