import Fixtures
import Foundation
import Secrets
import Testing

/// EN-01: until all factors are right, nobody learns from a reply who has an account, or what state it is in.
@Suite("What a stranger is told", .serialized) struct EnumerationTests {
  enum Standing: String, CaseIterable {
    case unknown, invited, overdue, imported, active, deactivated
    case lacksPassword = "lacks-password"
    case locked, ambiguous

    var holds: (password: Bool, secret: Bool) {
      switch self {
      case .unknown, .invited, .overdue: (false, false)
      case .imported: (true, false)
      case .lacksPassword: (false, true)
      case .active, .deactivated, .locked, .ambiguous: (true, true)
      }
    }
  }

  /// What a stranger may say; `L` is the login, `wait` moves the clock by seconds. Every budget runs out, some of them
  /// come back, and every answer is wrong.
  private static let first = """
    FIRST L
    QR
    AGAIN
    CODE 12345
    CODE
    wait 61
    AGAIN
    CODE 1 3 5 
    CODE +12345
    CODE 000000
    FIRST L
    CODE 1
    CODE 2
    wait 301
    CODE 000000
    AGAIN
    CODE 4
    CANCEL
    FIRST L
    CODE 1
    CODE 2
    FIRST L
    CODE 3
    wait 3600
    FIRST L
    CODE 1
    AGAIN
    """
  private static let signIn = """
    SIGNIN L
    AGAIN
    TOTP 000000
    PASSWORD
    PASSWORD wrong
    PASSWORD str0ng-enough
    PASSWORD Str0ng-Enough\u{20}
    PASSWORD ÿ
    SIGNIN L
    PASSWORD wrong
    wait 30
    SIGNIN L
    PASSWORD wrong
    PASSWORD wrong
    wait 61
    CHANGE L
    NEW-PASSWORD wrong
    PASSWORD wrong
    PASSWORD wrong
    SIGNIN L
    PASSWORD wrong
    wait 86400
    SIGNIN L
    PASSWORD wrong
    SIGNIN L
    PASSWORD wrong
    """
  private static let forgot = """
    FORGOT L
    TOTP 12345
    TOTP
    TOTP 1 2 3
    NEW-PASSWORD N3w-Password
    TOTP 0000000
    TOTP -12345
    FORGOT L
    TOTP 12345
    wait 86390
    FORGOT L
    TOTP 12345
    wait 10
    FORGOT L
    TOTP 12345
    """
  /// The right password with a wrong code is a wrong answer as any other, whoever's it is.
  private static let onePrompt = """
    SIGNIN L can=one-prompt lang=fr-BE
    PASSWORD Str0ng-Enough
    COMBINED
    COMBINED 12345
    COMBINED Str0ng-Enough000000
    COMBINED wrong000000
    COMBINED Str0ng-Enough000000
    SIGNIN L can=one-prompt
    COMBINED Str0ng-Enough000000
    wait 30
    SIGNIN L can=qr,one-prompt lang=de
    COMBINED Str0ng-Enough000000
    COMBINED wrong000000
    wait 61
    CHANGE L can=one-prompt lang=nl
    COMBINED Str0ng-Enough000000
    COMBINED wrong000000
    FIRST L can=one-prompt
    wait 86400
    SIGNIN L
    """
  /// A recovery code that is no answer is a line that makes no sense, to everybody.
  private static let recovery = """
    REENROL L can=one-prompt
    REENROL L
    RECOVERY 7HQ2-M9XN-F48DV
    PASSWORD wrong
    ENROL 000000
    PASSWORD wrong
    TOTP 000000
    REENROL L
    PASSWORD wrong
    PASSWORD wrong
    PASSWORD wrong
    wait 61
    REENROL L can=qr
    PASSWORD wrong
    FORGOT L
    TOTP 12345
    RECOVERY 7HQ2-M9XN-F48DV
    TOTP 000000
    wait 86400
    """
  static let scripts = [first + "\n" + signIn + "\n" + forgot, forgot + "\n" + first + "\n" + signIn + "\n" + forgot]
  /// With a mailed code before the authenticator's, forgot-password begins as a first-time login does.
  private static let mailedForgot = (first + "\n" + signIn).replacingOccurrences(of: "FIRST", with: "FORGOT")

  @Test(
    "is the same in every byte for whatever stands behind a login",
    arguments: [scripts[0], scripts[1], first + "\n" + onePrompt, first + "\n" + recovery + "\n" + forgot])
  func transcripts(script: String) async throws {
    try await compare(script, settings: "")
  }

  @Test("is the same where forgot-password begins with a mailed code")
  func mailedCode() async throws {
    try await compare(Self.mailedForgot + "\n" + Self.first, settings: "[forgot]\nmail-code = true\n")
  }

  private func compare(_ script: String, settings: String) async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    let limits = "[limits]\nrefusal-floor = \"0s\"\n"
    try await House.with(options, settings: limits + settings, hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let begin = clock.time
      // By address and by uid: budgets belong to the account, so each has one of its own.
      for byAddress in [true, false] {
        var expected: [String] = []
        for standing in Standing.allCases {
          // The mask is of what was typed: its first letter and its domain.
          let uid = "x-\(standing.rawValue)-\(byAddress ? "m" : "u")"
          try Self.add(uid, standing, to: house, at: begin)
          let login = byAddress ? "\(uid)@example.org" : uid
          try clock.set(begin)
          let client = try house.daemon.client()
          var replies: [String] = []
          for line in script.components(separatedBy: "\n") {
            if line.hasPrefix("wait ") {
              try clock.advance(by: Int(line.dropFirst(5)) ?? 0)
            } else {
              replies.append("\(line) → \(try client.send(line.replacingOccurrences(of: " L", with: " \(login)")))")
            }
          }
          if standing == .unknown { expected = replies }
          for (reply, unknown) in zip(replies, expected) { #expect(reply == unknown, "\(standing)") }
          #expect(replies.count == expected.count)
        }
        // The script went where it was meant to go.
        for part in ["refused=wrong left=1", "NO denied", "NO locked after=", "refused=expired", "refused=too-soon"] {
          #expect(expected.contains { $0.contains(part) }, "\(part)")
        }
        #expect(!expected.contains { $0.contains("OK signed-in") || $0.contains("ASK new-password") })
      }
    }
  }

  private static func add(_ uid: String, _ standing: Standing, to house: House, at time: Int) throws {
    guard standing != .unknown else { return }
    let person = Person(uid, secret: standing.holds.secret ? try SystemRandom.bytes(20) : [])
    try house.slapd.seed([person], keys: house.daemon.keys, hasPassword: standing.holds.password)
    switch standing {
    case .overdue:
      try house.slapd.modify(person, "add: drawbridgeInvitedTime\ndrawbridgeInvitedTime: 20200101000000Z\n")
    case .deactivated:
      try house.slapd.modify(person, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z\n")
    case .locked: try house.slapd.modify(person, "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n")
    case .ambiguous:
      let twin = Person("twin-\(uid)", secret: person.secret)
      try house.slapd.seed([twin], keys: house.daemon.keys)
      try house.slapd.modify(twin, "replace: mail\nmail: \(person.mail)\n-\nadd: uid\nuid: \(uid)\n")
    case .unknown, .invited, .imported, .active, .lacksPassword: break
    }
  }
}
