import Fixtures
import Foundation
import Testing

@Suite("The command line on a terminal", .serialized) struct TerminalTests {
  private static let escape = "\u{1B}["
  private static let blocks: Set<Character> = ["█", "▀", "▄"]

  private static func command(_ arguments: String..., in house: House) throws -> [String] {
    [try Daemon.binary("drawbridge")] + arguments + ["--socket", house.daemon.signin]
  }

  @Test("walks a first-time login: no password shows, the picture does, in rows of blocks, and the end is green")
  func firstLogin() async throws {
    try await House.with { house in
      try house.slapd.add(Slapd.account("jdoe"))
      let terminal = try Terminal(Self.command("first", "jdoe@example.org", in: house))
      try terminal.expect("Code (an empty line sends a new one)")
      #expect(try terminal.echoes())
      let code = try house.mail.code(to: "jdoe@example.org")
      try terminal.type(code)
      try terminal.expect("New password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.type("2short")
      try terminal.expect("too short")
      try terminal.expect("New password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.type("Str0ng-Enough")
      try terminal.expect("Confirm password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.type("Str0ng-Enough")
      var shown = try terminal.expect("URI: otpauth://totp/")
      shown = try terminal.expect("Code\(Self.escape)0m: ")
      #expect(try terminal.echoes())
      let secret = try #require(shown.firstRange(of: "to type instead: ")).upperBound
      let typed = shown[secret...].prefix { !$0.isNewline }.replacingOccurrences(of: " ", with: "")
      try terminal.type(totp(secret: typed, at: house.daemon.time))
      shown = try terminal.expect("You are signed in.")
      #expect(try terminal.end() == 0)
      #expect(try terminal.echoes())

      #expect(shown.contains(code))  // what may be seen is seen
      #expect(!shown.contains("Str0ng") && !shown.contains("Enough"))
      #expect(!shown.contains("2short"))
      let rows = shown.split(whereSeparator: \.isNewline).filter { row in
        row.count > 20 && row.allSatisfy { Self.blocks.contains($0) || $0 == " " }
      }
      // 2 rows of modules a line: a version-5 code or larger, and its quiet zone.
      #expect(rows.count >= 20, "\(shown)")
      #expect(Set(rows.map(\.count)).count == 1)
      #expect(rows.first.map { Set($0) } == ["█"])
      #expect(shown.contains("\(Self.escape)32mYou are signed in.\(Self.escape)0m"))
    }
  }

  @Test("walks a sign-in, and says no in red; a pipe, or who wants none, gets no colours")
  func signIn() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let command = try Self.command("signin", person.mail, in: house)
      let terminal = try Terminal(command)
      try terminal.expect("Password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.type("Wr0ng-Enough")
      try terminal.expect("\(Self.escape)33mWrong password. Password (4 left)\(Self.escape)0m")
      try terminal.expect("\(Self.escape)1mPassword\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.type(person.password)
      try terminal.expect("Code\(Self.escape)0m: ")
      try terminal.waitForEcho(true)
      try terminal.type(person.code(at: house.daemon.time))
      let shown = try terminal.expect("You are signed in.")
      #expect(try terminal.end() == 0)
      #expect(!shown.contains("ng-Enough"))

      let refused = try Terminal(command)
      for number in 0..<5 {
        try refused.expect("Password\(Self.escape)0m: ")
        try refused.waitForEcho(false)
        try refused.type("wrong-\(number)")
      }
      try refused.expect("\(Self.escape)31m")
      #expect(try refused.end() == 1)
      #expect(try refused.echoes())

      let other = try house.people("other")[0]
      let piped = try Command.run(
        command[0], ["signin", other.mail] + command.suffix(2),
        input: "wrong\n\(other.password)\n\(other.code(at: house.daemon.time))\n")
      #expect(piped.status == 0 && piped.output.contains("You are signed in."), "\(piped.errors)")
      #expect(!(piped.output + piped.errors).contains("\u{1B}"))
      let plain = try Terminal(Self.command("signin", "nobody@example.org", in: house), noColor: "1")
      try plain.expect("Password: ")
      try plain.waitForEcho(false)
      try plain.type("wrong")
      let told = try plain.expect("Wrong password. Password (4 left)")
      #expect(!told.contains("\u{1B}"))
    }
  }

  @Test(
    "shows what is typed again once the hidden prompt is left by a signal",
    arguments: [UInt8(0x03): SIGINT, 0x1C: SIGQUIT])
  func interrupted(key: UInt8, signal: Int32) async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let terminal = try Terminal(
        ["/usr/bin/prlimit", "--core=0"] + Self.command("signin", person.mail, in: house))
      try terminal.expect("Password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.press(key)
      #expect(try terminal.end() == -Int(signal))
      #expect(try terminal.echoes())
      #expect(try house.slapd.entry(person).string("drawbridgePasswordTries") == nil)
    }
  }

  @Test("hides again after a stop, shows in between, and takes the answer then")
  func stopped() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let pidFile = "\(house.daemon.directory)/client-pid"
      let terminal = try Terminal(
        ["/bin/sh", "-mc", "\"$@\" & echo $! > \(pidFile); fg >/dev/null; echo stopped; fg >/dev/null", "sh"]
          + Self.command("signin", person.mail, in: house))
      try terminal.expect("Password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.press(0x1A)
      try terminal.expect("stopped")
      try terminal.waitForEcho(false)
      try terminal.type(person.password)
      try terminal.expect("Code\(Self.escape)0m: ")
      #expect(try terminal.echoes())
      try terminal.type(person.code(at: house.daemon.time))
      let shown = try terminal.expect("You are signed in.")
      #expect(try terminal.end() == 0)
      #expect(!shown.contains(person.password))
    }
  }

  @Test("ends with the input: nothing is sent for it, and the daemon drops the flow")
  func endOfInput() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let terminal = try Terminal(Self.command("signin", person.mail, in: house))
      try terminal.expect("Password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.press(0x04)
      try terminal.expect("Cancelled.")
      #expect(try terminal.end() == 1)
      #expect(try terminal.echoes())
      try Fixtures.await("the flow's end in the log") { house.daemon.log.contains("result=cancelled") ? true : nil }
      #expect(try house.slapd.entry(person).string("drawbridgePasswordTries") == nil)
    }
  }
}
