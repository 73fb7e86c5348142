import Secrets
import Testing

@testable import SignIn

@Suite("What a new password must be")
struct PasswordRuleTests {
  private static let guide = PasswordRule(profile: .guide)
  private static let nist = PasswordRule(profile: .nist)

  // MARK: Characters

  /// The user guide's list, word for word.
  static let guideCharacters = bytes(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz" + "0123456789" + "@#$%^&*-_!+=[]{}|\\:',.?/`~\"();")

  @Test("the guide's characters, and no other byte", arguments: UInt8.min...UInt8.max)
  func guideByte(byte: UInt8) {
    let isAllowed = Self.guideCharacters.contains(byte)
    for password in [bytes("Str0ng") + [byte] + bytes("-er"), [byte] + bytes("Str0ng-er"), bytes("Str0ng-er") + [byte]]
    {
      #expect(Self.guide.objection(to: Secret(password)) == (isAllowed ? nil : .badCharacter))
    }
  }

  @Test("the other profile refuses controls and takes the rest", arguments: UInt8.min...UInt8.max)
  func nistByte(byte: UInt8) {
    let isAllowed = byte >= 0x20 && byte != 0x7F
    for password in [bytes("correct horse ") + [byte] + bytes("battery"), [byte] + bytes("correct horse battery")] {
      #expect(Self.nist.objection(to: Secret(password)) == (isAllowed ? nil : .badCharacter))
    }
  }

  @Test(
    "characters that only look like ASCII are others",
    arguments: ["Str0ngＡ-er", "Str0ng\u{212A}-e", "Str0ng\u{00A0}e", "Strông-1a", "Str0ng-🔑1"])
  func lookalikes(password: String) { #expect(Self.guide.objection(to: Secret(bytes(password))) == .badCharacter) }

  // MARK: Length

  @Test(
    "8 to 16 characters of the guide",
    arguments: [
      (0, .tooShort), (1, .tooShort), (7, .tooShort), (8, nil), (9, nil), (15, nil), (16, nil), (17, .tooLong),
      (72, .tooLong), (4000, .tooLong),
    ] as [(Int, PasswordRule.Objection?)])
  func guideLength(count: Int, objection: PasswordRule.Objection?) {
    let password = (0..<count).map { bytes("aB3")[$0 % 3] }
    #expect(Self.guide.objection(to: Secret(password)) == objection)
  }

  @Test("15 to 128 characters of any width", arguments: ["a", "é", "€", "語", "🔑", "\u{0301}"])
  func nistLength(character: String) {
    let expected: [(Int, PasswordRule.Objection?)] = [
      (0, .tooShort), (14, .tooShort), (15, nil), (64, nil), (128, nil), (129, .tooLong), (1000, .tooLong),
    ]
    for (count, objection) in expected {
      let password = String(repeating: character, count: count)
      #expect(password.unicodeScalars.count == count)
      #expect(Self.nist.objection(to: Secret(bytes(password))) == objection, "\(count)")
    }
  }

  @Test("the bounds that a client is told are those that hold")
  func bounds() {
    #expect([Self.guide.lengthMin, Self.guide.lengthMax, Self.guide.classesMin] == [8, 16, 3])
    #expect([Self.nist.lengthMin, Self.nist.lengthMax, Self.nist.classesMin] == [15, 128, 0])
    #expect(PasswordRule.classes == 4)
  }

  // MARK: Classes

  @Test("three of four classes", arguments: 1...15)
  func classes(choice: Int) {
    let classes = ["wxyz", "WXYZ", "6789", "#~.;"].enumerated().filter { choice & 1 << $0.offset != 0 }.map(\.element)
    let characters = classes.joined()
    for rotation in 0..<characters.utf8.count {
      let password = (0..<16).map { bytes(characters)[($0 + rotation) % characters.utf8.count] }
      #expect(Self.guide.objection(to: Secret(password)) == (classes.count >= 3 ? nil : .tooFewClasses))
    }
    #expect(Self.nist.objection(to: Secret((0..<16).map { bytes(characters)[$0 % characters.utf8.count] })) == nil)
  }

  @Test("every one of the guide's symbols counts as one", arguments: guideCharacters.filter { !isLetterOrDigit($0) })
  func symbols(symbol: UInt8) {
    #expect(Self.guide.objection(to: Secret(bytes("abcdefg1") + [symbol])) == nil)
    #expect(Self.guide.objection(to: Secret(bytes("abcdefgh") + [symbol])) == .tooFewClasses)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    [0x30...0x39, 0x41...0x5A, 0x61...0x7A].contains { $0.contains(byte) }
  }

  // MARK: A dot before an at

  @Test(
    "no dot right before an at",
    arguments: [
      ("John.Doe.@home1", .dotBeforeAt), (".@Str0ngest", .dotBeforeAt), ("Str0ngest.@", .dotBeforeAt),
      ("Str0ng..@x", .dotBeforeAt), ("Str0ng.@.@", .dotBeforeAt), ("Str0ng@.@x", .dotBeforeAt),
      ("Str0ng@.x", nil), ("Str0ng.x@", nil), (".Str0ngest@", nil), ("Str0ng@@..", nil), ("Str0ng.,@", nil),
    ] as [(String, PasswordRule.Objection?)])
  func dotBeforeAt(password: String, objection: PasswordRule.Objection?) {
    #expect(Self.guide.objection(to: Secret(bytes(password))) == objection)
  }

  @Test("the other profile does not mind")
  func dotBeforeAtElsewhere() { #expect(Self.nist.objection(to: Secret(bytes("correct.@horse.@battery"))) == nil) }

  // MARK: The blocked list

  @Test(
    "a blocked password is blocked in any ASCII case, as a whole",
    arguments: [
      ("passw0rd-passw0rd", .common), ("PASSW0RD-passw0rd", .common), ("PassW0rd-PassW0rd", .common),
      ("passw0rd-passw0rd1", nil), ("xpassw0rd-passw0rd", nil), ("passw0rd passw0rd", nil),
      ("größenwahn-2026", .common), ("GRößENWAHN-2026", .common), ("GRÖßENWAHN-2026", nil), ("GRÖSSENWAHN-2026", nil),
      // The Kelvin sign folds to a k for Unicode alone; `{` is no upper-case `[`.
      ("\u{212A}elvin-kelvin-kelvin", nil), ("Kelvin-Kelvin-Kelvin", .common), ("brackets{brackets", nil),
      ("BRACKETS[BRACKETS", .common),
    ] as [(String, PasswordRule.Objection?)])
  func blocked(password: String, objection: PasswordRule.Objection?) {
    let list = ["passw0rd-passw0rd", "größenwahn-2026", "kelvin-kelvin-kelvin", "brackets[brackets"]
    let rule = PasswordRule(profile: .nist, blocked: Set(list.map(bytes)))
    #expect(rule.objection(to: Secret(bytes(password))) == objection)
    #expect(Self.nist.objection(to: Secret(bytes(password))) == nil)
  }

  // MARK: The order of objections

  /// Each has every later fault as well, where one can have both.
  static let faults: [(String, PasswordRule.Objection?)] = [
    ("aa .@", .badCharacter), ("aaaaaaaaaaaaaaa\u{7F}.@", .badCharacter), ("é", .badCharacter),
    ("aa.@", .tooShort), ("aaaaaaaaaaaaaaa.@", .tooLong), ("aaaaaa.@", .dotBeforeAt), ("aaaaaaa@", .tooFewClasses),
    ("Aaaaaaa@", .common), ("Aaaaaab@", nil),
  ]

  @Test("the first objection is always the same one", arguments: faults)
  func order(password: String, objection: PasswordRule.Objection?) {
    let list = ["aa.@", "aaaaaaaaaaaaaaa.@", "aaaaaa.@", "aaaaaaa@"]
    let rule = PasswordRule(profile: .guide, blocked: Set(list.map(bytes)))
    for _ in 0..<10 { #expect(rule.objection(to: Secret(bytes(password))) == objection) }
  }

  @Test("in the words of the line protocol")
  func words() {
    #expect(
      PasswordRule.Objection.allCases.map(\.rawValue) == [
        "too-short", "too-long", "bad-character", "dot-before-at", "too-few-classes", "common", "mismatch", "reused",
      ])
  }
}
