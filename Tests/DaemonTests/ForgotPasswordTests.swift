import Fixtures
import Foundation
import Secrets
import Testing

/// FL-08, FL-09: forgot-password gives a new password and nothing else; to begin it, or a first-time login, gives nothing.
@Suite("Forgot-password", .serialized) struct ForgotPasswordTests {
  private static let new = "N3w-Password"
  /// What each change of an entry changes, or what ppolicy notes of a new password.
  private static let operational: Set = ["modifytimestamp", "modifiersname", "entrycsn", "pwdchangedtime"]

  private static func changed(_ before: Slapd.Entry, _ after: Slapd.Entry) -> Set<String> {
    Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.subtracting(operational)
  }

  /// Up to the last reply.
  private static func forgot(
    _ person: Person, in house: House, beforeConfirming: () throws -> Void = {}
  ) throws -> String {
    let client = try house.daemon.client()
    var reply = try client.send("FORGOT \(person.mail)")
    if reply.hasPrefix("ASK totp") { reply = try client.send("TOTP \(person.code(at: house.daemon.time))") }
    guard reply.hasPrefix("ASK new-password") else { return reply }
    try client.send("NEW-PASSWORD \(new)")
    try beforeConfirming()
    return try client.send("CONFIRM-PASSWORD \(new)")
  }

  @Test("signs nobody in, refills no budget, and moves no clock")
  func budgetsStay() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      let person = try house.people("jdoe", attributes: ["drawbridgeIdleSince: 20260101000000Z"])[0]
      let client = try house.daemon.client()
      // Each factor is charged, the password until it rests.
      for _ in 0..<3 {
        try client.send("SIGNIN \(person.mail)")
        try client.send("PASSWORD \(person.password)")
        try client.send("TOTP 12345")
        try client.send("FIRST \(person.mail)")
        try client.send("CODE 12345")
      }
      try client.send("FORGOT \(person.mail)")
      try client.send("TOTP 12345")
      try client.send("SIGNIN \(person.mail)")
      for _ in 0..<5 { try client.send("PASSWORD wrong") }
      _ = try house.recipients()
      let before = try house.slapd.entry(person)
      for factor in ["Password", "OTP", "Code", "Forgot"] {
        #expect(before.string("drawbridge\(factor)Tries") != nil, "\(factor)")
      }
      #expect(try Self.forgot(person, in: house).hasPrefix("OK password-changed"))
      let after = try house.slapd.entry(person)
      #expect(Self.changed(before, after) == ["userpassword", "drawbridgetotplaststep"])
      // The password rests still, whether it is the new one or the old.
      for password in [Self.new, person.password] {
        try client.send("SIGNIN \(person.mail)")
        #expect(try client.send("PASSWORD \(password)").hasPrefix("NO locked after="))
      }
    }
  }

  enum Stop: String, CaseIterable {
    case deactivated, locked

    var lines: String {
      switch self {
      case .deactivated:
        "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z\n-\n"
          + "add: drawbridgeDeactivatedReason\ndrawbridgeDeactivatedReason: inactivity\n-\n"
          + "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n-\n"
          + "add: drawbridgeLockSet\ndrawbridgeLockSet: TRUE\n"
      case .locked: "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n"
      }
    }
  }

  @Test("neither reactivates nor unlocks", arguments: Stop.allCases)
  func staysShut(stop: Stop) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options) { house in
      let person = try house.people("jdoe")[0]
      try house.slapd.modify(person, stop.lines)
      let before = try house.slapd.entry(person)
      #expect(try Self.forgot(person, in: house).contains(" refused=wrong left=4"))
      _ = try house.recipients()
      let after = try house.slapd.entry(person)
      #expect(
        Self.changed(before, after).subtracting(["drawbridgenoticessent"]) == ["drawbridgeforgottries"], "\(stop)")
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail)")
      #expect(try client.send("PASSWORD \(Self.new)").contains(" refused=wrong left=4"))
    }
  }

  @Test("sets no password where the account was shut after the code was right", arguments: Stop.allCases)
  func shutMeanwhile(stop: Stop) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options) { house in
      let person = try house.people("jdoe")[0]
      var before: Slapd.Entry = [:]
      let reply = try Self.forgot(person, in: house) {
        try house.slapd.modify(person, stop.lines)
        before = try house.slapd.entry(person)
      }
      #expect(reply.hasPrefix("NO denied"), "\(reply)")
      #expect(try Self.changed(before, house.slapd.entry(person)) == [])
    }
  }

  @Test("and a first-time login, begun 100 times, change nothing of an account but what was mailed to it")
  func beginnings() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      let people = try ["active", "imported", "lacks", "invited"].map {
        Person($0, secret: $0 == "active" || $0 == "lacks" ? try SystemRandom.bytes(20) : [])
      }
      for person in people {
        let hasPassword = person.uid == "active" || person.uid == "imported"
        try house.slapd.seed([person], keys: house.daemon.keys, hasPassword: hasPassword)
      }
      for person in people {
        let before = try house.slapd.entry(person)
        let client = try house.daemon.client()
        for _ in 0..<100 {
          #expect(try client.send("FORGOT \(person.mail)").hasPrefix("ASK totp"))
          #expect(try client.send("FIRST \(person.mail)").hasPrefix("ASK code"))
        }
        _ = try house.recipients()
        // The one live code is its hour's only mail to the invited one.
        let mailed: Set =
          person.uid == "invited" ? ["drawbridgemailssent", "drawbridgecode"] : ["drawbridgenoticessent"]
        #expect(try Self.changed(before, house.slapd.entry(person)) == mailed, "\(person.uid)")
        #expect(house.mail.messages(to: person.mail).count == 1)
      }
      let active = people[0]
      #expect(try house.daemon.client().signIn(active, at: house.daemon.time).hasPrefix("OK signed-in"))
      // The new password does not sign in before it was confirmed, and the old one is not gone.
      let begun = try house.daemon.client()
      try begun.send("FORGOT \(people[2].mail)")
      try begun.send("TOTP \(people[2].code(at: house.daemon.time))")
      try begun.send("NEW-PASSWORD \(Self.new)")
      #expect(try house.slapd.entry(people[2]).string("userPassword") == nil)
    }
  }
}
