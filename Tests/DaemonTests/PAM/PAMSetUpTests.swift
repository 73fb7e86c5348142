import Fixtures
import Foundation
import Testing

/// Setting an account up and changing its password, and passwords that another module has asked for.
@Suite("PAM: setting up", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMSetUpTests {
  private static func secret(_ shown: String) throws -> String {
    let words = shown.components(separatedBy: "Secret, to type instead: ")
    guard words.count > 1 else { throw FixtureError("no secret: \(shown)") }
    return String(words[words.count - 1].prefix { $0.isLetter || $0.isNumber })
  }

  private static func pamtester(_ host: PAMHost, _ user: String, _ call: String = "authenticate") throws -> Terminal {
    try Terminal(host.inside(["pamtester", "drawbridge-test", user, call]))
  }

  @Test("first_login: an empty password leads to it, with the QR code on the terminal")
  func firstLogin() async throws {
    try await PAMSignInTests.with("first_login", users: ["newcomer"]) { house, host, _ in
      #expect(try house.daemon.adminClient().send("INVITE newcomer@example.org uid=newcomer").hasPrefix("OK invited"))
      let terminal = try Self.pamtester(host, "newcomer")
      try terminal.expect("Password (empty for the first-time login): ")
      try terminal.type("")
      try terminal.expect("Please copy it to the input box below. (empty for a new code): ")
      try terminal.type(try house.mail.code(to: "newcomer@example.org", number: 1))
      try terminal.expect("New Password (8-16 characters, 3 of: lowercase, uppercase, numbers, symbols): ")
      try terminal.type("Str0ng-Enough")
      try terminal.expect("Confirm New Password: ")
      try terminal.type("Str0ng-Enough")
      let shown = try terminal.expect("enter the code that it shows. ")
      #expect(
        shown.split(whereSeparator: \.isNewline).count { $0.contains("█") || $0.contains("▀") || $0.contains("▄") } > 15
      )
      try terminal.type(try totp(secret: Self.secret(shown), at: house.daemon.time))
      try terminal.expect("successfully authenticated")
      #expect(try terminal.end() == 0)
    }
  }

  @Test("without first_login, or with no_enrol, an empty password is a wrong one")
  func noFirstLogin() async throws {
    for options in ["", "first_login no_enrol"] {
      try await PAMSignInTests.with(options) { house, host, person in
        let said = try host.converse(person.uid, ["text ", "fail"])
        #expect(said.lines.prefix(2) == ["hidden: Password: ", "hidden: Wrong password. Password: "], "\(said.lines)")
      }
    }
  }

  @Test("an account without an authenticator enrols one, and does not with no_enrol")
  func enrols() async throws {
    try await PAMSignInTests.with(users: ["half"]) { house, host, _ in
      let half = Person("half")
      try house.slapd.seed([half], keys: house.daemon.keys)
      try host.alone("no_enrol")
      let refused = try host.converse(half.uid, ["text \(half.password)"])
      #expect(refused.code() == PAMCode.authenticationError)
      #expect(
        refused.lines.count { $0.hasPrefix("error: ") } == 1 && !refused.lines.contains { $0.hasPrefix("shown: ") },
        "\(refused.lines)")
      #expect(house.daemon.log.contains("result=unsupported"))
      try host.alone()
      let terminal = try Self.pamtester(host, half.uid)
      try terminal.expect("Password: ")
      try terminal.type(half.password)
      try terminal.expect("(empty for a new code): ")
      // Too soon for another one.
      try terminal.type("")
      try terminal.expect("Wait a minute")
      try terminal.expect("(empty for a new code): ")
      try terminal.type(try house.mail.code(to: half.mail, number: 1))
      let shown = try terminal.expect("enter the code that it shows. ")
      try terminal.type("12345")
      let again = try terminal.expect("Wrong code. ")
      #expect(again.components(separatedBy: "Secret, to type").count == 2, "the secret was shown again")
      try terminal.type(try totp(secret: Self.secret(shown), at: house.daemon.time))
      try terminal.expect("successfully authenticated")
      #expect(try terminal.end() == 0)
    }
  }

  @Test("the password is changed with both factors, and only then")
  func changes() async throws {
    try await PAMSignInTests.with { house, host, person in
      let right = ["text \(person.password)", "text \(try person.code(at: house.daemon.time))"]
      let refused = try host.converse(person.uid, [right[0], "text 000000", "fail"], calls: ["change"])
      #expect(refused.code("change") == PAMCode.authenticationError, "\(refused.lines)")
      let said = try host.converse(
        person.uid, right + ["text short", "text N3w-Password", "text N3w-Password"], calls: ["change"])
      #expect(said.code("change") == PAMCode.success, "\(said.lines)")
      #expect(said.lines.contains("info: Your password has been changed."))
      try house.daemon.moveClock(by: 60)
      let code = try person.code(at: house.daemon.time)
      #expect(try host.converse(person.uid, ["text N3w-Password", "text \(code)"]).code() == PAMCode.success)
    }
  }

  @Test("a password that a module before has asked for")
  func firstPass() async throws {
    try await PAMSignInTests.with { house, host, person in
      let before = "auth optional pam_unix.so nodelay\n"
      func converse(_ option: String, _ password: String, _ more: [String] = []) throws -> PAMHost.Conversation {
        try host.alone(option, before: before)
        try house.daemon.moveClock(by: 60)
        let code = "text \(try person.code(at: house.daemon.time))"
        return try host.converse(person.uid, ["text \(password)"] + more + [code])
      }
      for option in ["use_first_pass", "try_first_pass"] {
        let right = try converse(option, person.password)
        #expect(right.code() == PAMCode.success, "\(right.lines)")
        #expect(right.lines.count { $0.hasPrefix("hidden: ") } == 1, "\(right.lines)")
      }
      let asked = try converse("try_first_pass", "wrong", ["text \(person.password)"])
      #expect(asked.code() == PAMCode.success)
      #expect(asked.lines.count { $0.hasPrefix("hidden: ") } == 2, "\(asked.lines)")
      let refused = try converse("use_first_pass", "wrong")
      #expect(refused.code() == PAMCode.authenticationError)
      #expect(refused.lines.count { $0.hasPrefix("hidden: ") } == 1, "\(refused.lines)")
      // Neither option: what pam_unix has asked for is not taken.
      let both = try converse("", "ignored", ["text \(person.password)"])
      #expect(both.code() == PAMCode.success)
      #expect(both.lines.count { $0.hasPrefix("hidden: ") } == 2, "\(both.lines)")
      // Nobody has asked for one.
      try host.alone("use_first_pass")
      #expect(try host.converse(person.uid, []).code() == PAMCode.authenticationError)
    }
  }

  @Test("one_prompt: the daemon is told that it may, and is answered what it asks")
  func onePrompt() throws {
    for asked in ["ASK combined digits=6 echo=off :Password and code\n", PAMFaultTests.password] {
      let isCombined = asked.hasPrefix("ASK combined")
      let daemon = try ScriptedDaemon(asked, isCombined ? PAMFaultTests.good : PAMFaultTests.totp, PAMFaultTests.good)
      defer { daemon.stop() }
      let host = try PAMHost(socket: daemon.socket, users: ["jdoe"])
      defer { host.end() }
      try host.alone("one_prompt service=portal")
      let said = try host.converse("jdoe", ["text Str0ng-Enough123456", "text 123456"])
      #expect(said.code() == PAMCode.success)
      #expect(daemon.lines.first == "SIGNIN jdoe service=portal can=one-prompt%2Cqr")
      #expect(daemon.lines[1] == (isCombined ? "COMBINED" : "PASSWORD") + " Str0ng-Enough123456")
      #expect(said.lines.first?.hasPrefix("hidden: Password") == true)
    }
  }
}
