import Fixtures
import Foundation
import Secrets
import Testing

@Suite("An authenticator's code", .serialized) struct AuthenticatorCodeTests {
  private static func fullWidth(_ code: String) -> String {
    String(String.UnicodeScalarView(code.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xFEE0) }))
  }

  /// OT-08: each is made of the right code. Beyond ASCII is no answer here at all.
  static let spellings: [(String, @Sendable (String) -> String)] = [
    ("a space before", { " " + $0 }), ("a space after", { $0 + " " }), ("a tab after", { $0 + "\t" }),
    ("a sign", { "+" + $0.dropFirst() }), ("a minus", { "-" + $0.dropFirst() }), ("a sign more", { "+" + $0 }),
    ("a digit less", { String($0.dropLast()) }), ("a digit more", { $0 + "0" }), ("a zero before", { "0" + $0 }),
    ("hexadecimal", { "0x" + $0.dropFirst(2) }), ("a space within", { $0.prefix(3) + " " + $0.suffix(3) }),
    ("a hyphen within", { $0.prefix(3) + "-" + $0.suffix(3) }), ("a decimal point", { $0 + "." }),
    ("encoded", { "%3" + $0 }), ("twice", { $0 + $0 }), ("nothing", { _ in "" }),
  ]

  @Test("is six digits and nothing else; what is not is a wrong answer, and charged")
  func syntax() async throws {
    try await House.with { house in
      let people = try Self.spellings.indices.map { try house.people("user\($0)")[0] }
      for ((name, spell), person) in zip(Self.spellings, people) {
        let client = try house.daemon.client()
        try client.send("SIGNIN \(person.mail)")
        try client.send("PASSWORD \(person.password)")
        let code = try person.code(at: house.daemon.time)
        let reply = try client.send("TOTP \(spell(code))")
        #expect(reply.hasPrefix("ASK totp") && reply.contains(" refused=wrong left=4"), "\(name): \(reply)")
        #expect(try house.slapd.entry(person).string("drawbridgeOTPTries")?.hasPrefix("1 ") == true, "\(name)")
        #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"), "\(name)")
      }
    }
  }

  @Test("in full-width digits, or with a NUL, is no line")
  func beyondASCII() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      for spell in [Self.fullWidth, { $0 + "\0" }] {
        let client = try house.daemon.client()
        try client.send("SIGNIN \(person.mail)")
        try client.send("PASSWORD \(person.password)")
        #expect(try client.send("TOTP \(spell(person.code(at: house.daemon.time)))").hasPrefix("ERR bad-byte"))
        #expect(client.isClosed())
      }
      #expect(try house.slapd.entry(person).string("drawbridgeLastSignIn") == nil)
    }
  }

  @Test("of an older step is refused after a newer one, in any flow")
  func olderAfterNewer() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let time = house.daemon.time
      #expect(try house.daemon.client().signIn(person, at: time).hasPrefix("OK signed-in"))
      // The step before is within the window still.
      for code in [try person.code(at: time - 30), try person.code(at: time)] {
        for verb in ["SIGNIN", "CHANGE"] {
          let client = try house.daemon.client()
          try client.send("\(verb) \(person.mail)")
          try client.send("PASSWORD \(person.password)")
          let reply = try client.send("TOTP \(code)")
          #expect(reply.hasPrefix("ASK totp") && reply.contains(" refused="), "\(verb): \(reply)")
        }
        let client = try house.daemon.client()
        try client.send("FORGOT \(person.mail)")
        #expect(try client.send("TOTP \(code)").contains(" refused=wrong "))
      }
      #expect(try house.slapd.entry(person).string("drawbridgeTOTPLastStep") == String(time / 30))
    }
  }

  @Test("fails closed where the sealed secret came from another entry, and for that account alone")
  func movedSecret() async throws {
    try await House.with { house in
      let people = try house.people("alice", "bob")
      let sealed = try #require(try house.slapd.entry(people[1])["drawbridgetotpsecret"]?.first)
      try house.slapd.modify(
        people[0], "replace: drawbridgeTOTPSecret\n\(Slapd.line("drawbridgeTOTPSecret", sealed))\n")
      let time = house.daemon.time
      for owner in people {
        let client = try house.daemon.client()
        try client.send("SIGNIN \(people[0].mail)")
        try client.send("PASSWORD \(people[0].password)")
        #expect(try client.send("TOTP \(owner.code(at: time))").contains(" refused=wrong "))
      }
      #expect(try house.slapd.entry(people[0]).string("drawbridgeLastSignIn") == nil)
      #expect(house.daemon.log.contains("cannot be opened"))
      #expect(try house.daemon.client().signIn(people[1], at: time).hasPrefix("OK signed-in login=bob%40"))
    }
  }

  @Test("whose secret is damaged anywhere fails closed", arguments: [0, 5, 17, 36, 52])
  func damagedSecret(byte: Int) async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      var sealed = try #require(try house.slapd.entry(person)["drawbridgetotpsecret"]?.first)
      sealed[sealed.startIndex + byte] ^= 1
      try house.slapd.modify(person, "replace: drawbridgeTOTPSecret\n\(Slapd.line("drawbridgeTOTPSecret", sealed))\n")
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).contains(" refused=wrong "))
    }
  }

  @Test("under a key that the daemon has not got is a LATER, and no charge")
  func unknownKey() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let other = try Person("other", secret: SystemRandom.bytes(20))
      let ring = "\(house.daemon.directory)/other-keys"
      #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", ring]).status == 0)
      try house.slapd.seed([other], keys: ring)
      let time = house.daemon.time
      for line in ["SIGNIN \(other.mail)\nPASSWORD \(other.password)", "FORGOT \(other.mail)"] {
        let client = try house.daemon.client()
        for line in line.split(separator: "\n") { try client.send(String(line)) }
        #expect(try client.send("TOTP \(other.code(at: time))").hasPrefix("LATER keys after="))
        #expect(try client.send("TOTP 000000").hasPrefix("LATER keys after="))
      }
      let entry = try house.slapd.entry(other)
      #expect(entry.string("drawbridgeOTPTries") == nil && entry.string("drawbridgeForgotTries") == nil)
      #expect(try house.daemon.client().signIn(person, at: time).hasPrefix("OK signed-in"))
    }
  }
}
