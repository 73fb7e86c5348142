import Fixtures
import Foundation
import Testing

/// An application of PAM signs people of the directory in.
@Suite("PAM: signing in", .serialized, .enabled(if: PAMHost.isPossible, "takes root and a mount namespace"))
struct PAMSignInTests {
  /// A daemon, and a host whose users are those of the directory and one who is not.
  static func with(
    _ options: String = "", users: [String] = [], settings: String = "",
    _ body: (House, PAMHost, Person) async throws -> Void
  ) async throws {
    try await House.with(settings: settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let host = try PAMHost(socket: house.daemon.signin, users: [person.uid] + users)
      defer { host.end() }
      try host.alone(options)
      try await body(house, host, person)
    }
  }

  @Test("takes a password and a code, and says which it wants")
  func signsIn() async throws {
    try await Self.with { house, host, person in
      let code = try person.code(at: house.daemon.time)
      let right = try host.converse(
        person.uid, ["text \(person.password)", "text \(code)"], calls: ["authenticate", "account", "open", "close"],
        options: ["-r", "2001:db8::7"])
      #expect(
        right.lines == [
          "hidden: Password: ", "shown: Enter the verification code from your authenticator app. ",
          "authenticate: 0 Success", "account: 0 Success", "open: 0 Success", "close: 0 Success", "user: jdoe",
          "left open: 0",
        ])
      let event = house.daemon.log.split(separator: "\n").first { $0.contains("flow=signin") } ?? ""
      #expect(event.contains("from=2001:db8::7") && event.contains("service=drawbridge-test"), "\(event)")
      // The same code again: it was used up.
      let again = try host.converse(person.uid, ["text \(person.password)", "text \(code)"])
      #expect(again.code() == PAMCode.authenticationError, "\(again.lines)")
    }
  }

  @Test("asks again after a wrong answer, and gives up with the daemon")
  func wrong() async throws {
    try await Self.with { house, host, person in
      let code = try person.code(at: house.daemon.time)
      let second = try host.converse(person.uid, ["text wrong", "text \(person.password)", "text \(code)"])
      #expect(second.code() == PAMCode.success, "\(second.lines)")
      #expect(second.lines.contains("hidden: Wrong password. Password: "))
      let spent = try host.converse("stranger", Array(repeating: "text wrong", count: 9))
      #expect(spent.code() == PAMCode.authenticationError)
      #expect(spent.lines.count { $0.hasPrefix("hidden: ") } == 5, "\(spent.lines)")
    }
  }

  @Test("one_prompt takes both at once, and says of neither that it was the wrong one")
  func onePrompt() async throws {
    try await Self.with("one_prompt") { house, host, person in
      let code = try person.code(at: house.daemon.time)
      let wrong = try person.wrongCode(at: house.daemon.time)
      let answers = ["text \(person.password)\(wrong)", "text \(person.password)\(code)"]
      let seen = try host.converse(person.uid, answers)
      #expect(seen.code() == PAMCode.success, "\(seen.lines)")
      let asked = "Enter your password and, right behind it, the verification code from your authenticator app. "
      #expect(
        seen.lines.prefix(2) == ["hidden: \(asked)", "hidden: Wrong password or code. \(asked)"], "\(seen.lines)")
    }
  }

  @Test("by pamtester, on a terminal")
  func pamtester() async throws {
    try await Self.with { house, host, person in
      let terminal = try Terminal(
        host.inside(["pamtester", "drawbridge-test", person.uid, "authenticate", "acct_mgmt"]))
      try terminal.expect("Password: ")
      try terminal.waitForEcho(false)
      try terminal.type(person.password)
      try terminal.expect("authenticator app. ")
      try terminal.type(try person.code(at: house.daemon.time))
      try terminal.expect("successfully authenticated")
      try terminal.expect("account management done.")
      #expect(try terminal.end() == 0)
    }
  }
}
