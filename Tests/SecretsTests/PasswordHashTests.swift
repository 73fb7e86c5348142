import Fixtures
import Secrets
import Testing

struct PasswordHashTests {
  private static let password = Secret("correct horse".utf8)
  private static let cheap = Argon2Parameters(memoryKiB: 1024, passes: 1, lanes: 1)
  private let salt = [UInt8](repeating: 7, count: Argon2Parameters.saltLength)

  private func hash(_ text: String) -> PasswordHash { PasswordHash(stored: Array(text.utf8)) }

  /// Made by Python's hashlib and crypt, and by argon2(1).
  static let foreign = [
    "{PBKDF2}1000$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuA",
    "{PBKDF2-SHA1}1000$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuA",
    "{PBKDF2-SHA256}1000$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
    "{PBKDF2-SHA512}1000$AAECAwQFBgcICQoLDA0ODw$Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs7osCteF7W4A61dZDqSIqQjO"
      + ".dxO6p5FT/Uy7QRBXSXA",
    "{CRYPT}$1$abcdefgh$y6iHhJNbuC0xpbk0w9pm80",
    "{CRYPT}$5$rounds=1000$abcdefgh$ue35C0ITbth1b5zVUjrjm2mMmsmMKiodEeH2UV/Hq10",
    "{CRYPT}$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.",
    "{CRYPT}$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2",
    "{CRYPT}$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/",
    "{ARGON2}$argon2i$v=19$m=1024,t=2,p=3$c29tZXNhbHRzb21lc2FsdA$bWPj06Yg8c/9Da/0d3iwy7En/4AI0Ag+gbon7FQKeBI",
    "{ARGON2}$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y",
    "{ARGON2}$argon2i$v=16$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$79uhzeglFImgzBRmjhBiK17Whu3wlDY1j++O8fJz1UA",
    "{ARGON2}$argon2i$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$79uhzeglFImgzBRmjhBiK17Whu3wlDY1j++O8fJz1UA",
  ]

  @Test(arguments: foreign)
  func verifiesWhatOthersMade(stored: String) {
    #expect(hash(stored).verify(Self.password) == .match)
    for wrong in ["correct horsE", "correct hors", "correct horse ", "", "correct horse\0", "correct horse\r"] {
      #expect(hash(stored).verify(Secret(wrong.utf8)) == .mismatch)
    }
  }

  @Test(arguments: foreign)
  func schemeNamesHaveNoCase(stored: String) {
    let name = stored.prefix { $0 != "}" }
    #expect(hash(name.lowercased() + stored.dropFirst(name.count)).verify(Self.password) == .match)
  }

  @Test(arguments: [
    ["-h", "{SSHA}"], ["-h", "{SHA}"], ["-o", "module-load=pw-sha2", "-h", "{SSHA256}"],
    ["-o", "module-load=pw-sha2", "-h", "{SSHA512}"], ["-o", "module-load=pw-sha2", "-h", "{SHA256}"],
    ["-o", "module-load=pw-sha2", "-h", "{SHA512}"], ["-o", "module-load=argon2", "-h", "{ARGON2}"],
    ["-o", "module-load=pw-pbkdf2", "-h", "{PBKDF2}"], ["-o", "module-load=pw-pbkdf2", "-h", "{PBKDF2-SHA256}"],
    ["-o", "module-load=pw-pbkdf2", "-h", "{PBKDF2-SHA512}"], ["-h", "{CRYPT}", "-c", "$6$rounds=2000$%.16s"],
    ["-h", "{CRYPT}", "-c", "$2y$05$%.22s"], ["-h", "{CRYPT}", "-c", "%.2s"],
  ])
  func verifiesWhatSlapdMakes(arguments: [String]) throws {
    let made = try Command.run("/usr/sbin/slappasswd", arguments + ["-n", "-s", "pass wrd"])
    #expect(made.status == 0)
    #expect(hash(made.output).verify(Secret("pass wrd".utf8)) == .match)
    #expect(hash(made.output).verify(Secret("pass wrD".utf8)) == .mismatch)
  }

  @Test func cutsArgon2AtTheFirstNUL() throws {
    let made = try PasswordHash.make(Self.password, salt: salt, parameters: Self.cheap)
    #expect(PasswordHash(stored: made.stored + [0, 0, 0]).verify(Self.password) == .match)
  }

  @Test func whatItMakesIsReadByArgon2sOwnTerms() throws {
    let made = try PasswordHash.make(Self.password, salt: Array("somesaltsomesalt".utf8), parameters: Self.cheap)
    let theirs = try Command.run(
      "argon2", ["somesaltsomesalt", "-id", "-t", "1", "-k", "1024", "-p", "1", "-l", "32", "-e"],
      input: "correct horse")
    #expect(String(decoding: made.stored, as: UTF8.self) + "\n" == "{ARGON2}" + theirs.output)
    #expect(made.verify(Self.password) == .match)
  }

  @Test(arguments: [0, 13, 71, 72, 127, 128, 255, 256, 511, 512, 4095])
  func noByteOfAPasswordIsCut(length: Int) throws {
    let (one, other) = (
      Array(repeating: UInt8(0x61), count: length) + [0x62], Array(repeating: UInt8(0x61), count: length) + [0x63]
    )
    let made = try PasswordHash.make(Secret(one), salt: salt, parameters: Self.cheap)
    #expect(made.verify(Secret(one)) == .match)
    for wrong in [other, Array(one.dropLast()), one + [0], [0] + one] {
      #expect(made.verify(Secret(wrong)) == .mismatch)
    }
  }

  /// `a` 72 times, which bcrypt cannot tell from more of them; and `correct horse`, which C cannot tell from itself
  /// and a NUL.
  @Test func cryptMatchesNothingThatItWouldCut() throws {
    for (format, length) in [("$2y$05$%.22s", 72), ("%.2s", 8), ("$6$%.16s", 511), ("$1$%.8s", 511)] {
      let long = String(repeating: "a", count: length)
      let made = try Command.run("/usr/sbin/slappasswd", ["-h", "{CRYPT}", "-c", format, "-n", "-s", long])
      #expect(hash(made.output).verify(Secret(long.utf8)) == .match)
      #expect(hash(made.output).verify(Secret((long + "a").utf8)) == .mismatch)
      #expect(hash(made.output).verify(Secret(long.utf8 + [0])) == .mismatch)
    }
    let des = try Command.run("/usr/sbin/slappasswd", ["-h", "{CRYPT}", "-c", "%.2s", "-n", "-s", "abc"])
    #expect(hash(des.output).verify(Secret([0xE1, 0x62, 0x63])) == .mismatch)
  }

  @Test func aDecoyMatchesNothingAndCostsAsMuch() {
    let decoy = PasswordHash.decoy(parameters: Self.cheap)
    for password in ["", "correct horse", "\0"] { #expect(decoy.verify(Secret(password.utf8)) == .mismatch) }
    #expect(!decoy.isWeaker(than: Self.cheap))
  }

  @Test func neverPrintsTheHash() throws {
    let made = try PasswordHash.make(Self.password, salt: salt, parameters: Self.cheap)
    var dumped = ""
    dump(made, to: &dumped)
    for text in ["\(made)", String(reflecting: made), dumped] {
      #expect(!text.contains("argon2id") && !text.contains("stored") && !text.contains("97"))
    }
  }

  @Test(arguments: [
    ("{SASL}alice@EXAMPLE.COM", true), ("{sasl}", true), ("{SASLX}a", false), ("SASL", false), ("", false),
    ("{SASL", false),
  ])
  func knowsPassThrough(stored: String, isPassThrough: Bool) {
    #expect(hash(stored).isPassThrough == isPassThrough)
  }

  @Test(arguments: [
    ("argon2id$v=19$m=1024,t=2,p=1", false), ("argon2id$v=19$m=1024,t=3,p=4", false),
    ("argon2id$v=19$m=1023,t=2,p=1", true), ("argon2id$v=19$m=4096,t=1,p=1", true),
    ("argon2i$v=19$m=1024,t=2,p=1", true),
    ("argon2id$v=16$m=1024,t=2,p=1", true), ("argon2id$m=1024,t=2,p=1", true), ("argon2id$", true),
  ])
  func weaknessIsAnotherVariantOrALowerCost(head: String, isWeaker: Bool) {
    let stored = hash("{ARGON2}$\(head)$c29tZXNhbHRzb21lc2FsdA$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y")
    #expect(stored.isWeaker(than: Argon2Parameters(memoryKiB: 1024, passes: 2, lanes: 1)) == isWeaker)
    #expect(hash("{SSHA}4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y=").isWeaker(than: Self.cheap))
  }

  @Test func makingChecksItsParameters() {
    #expect(throws: HashingFailure.self) {
      try PasswordHash.make(Self.password, salt: [1, 2, 3], parameters: Self.cheap)
    }
    for (memoryKiB, passes, lanes) in [
      (7, 1, 1), (262_145, 1, 1), (1024, 0, 1), (1024, 11, 1), (1024, 1, 0), (1024, 1, 17),
    ] {
      let parameters = Argon2Parameters(memoryKiB: UInt32(memoryKiB), passes: UInt32(passes), lanes: UInt32(lanes))
      #expect(throws: HashingFailure.self) { try PasswordHash.make(Self.password, salt: salt, parameters: parameters) }
    }
  }
}
