import Fixtures
import Foundation
import Testing

@Suite("The command line, and recovery codes", .serialized) struct RecoveryCommandTests {
  private static let escape = "\u{1B}["

  private func drawbridge(_ arguments: String..., in house: House, input: String) throws -> Command.Result {
    try Command.run(Daemon.binary("drawbridge"), arguments + ["--socket", house.daemon.signin], input: input)
  }

  @Test("takes one where the app's code is asked for, as it is typed; six digits are still the app's")
  func signsIn() async throws {
    try await House.with { house in
      let (person, codes) = try house.recoverable("jdoe")
      for typed in [codes[0], codes[1].lowercased().replacingOccurrences(of: "-", with: " ")] {
        let result = try drawbridge("signin", person.mail, in: house, input: "\(person.password)\n\(typed)\n")
        #expect(result.status == 0, "\(result.errors)")
      }
      let code = try person.code(at: house.daemon.time)
      #expect(try drawbridge("signin", person.mail, in: house, input: "\(person.password)\n\(code)\n").status == 0)
      #expect(try house.slapd.recoveryCodes(of: person) == 6)
    }
  }

  @Test("says where none is taken, and asks again")
  func notTaken() async throws {
    try await House.with { house in
      let (person, codes) = try house.recoverable("jdoe")
      let code = try person.code(at: house.daemon.time)
      let result = try drawbridge(
        "forgot", person.mail, in: house, input: "\(codes[0])\n\(code)\nN3w-Password\nN3w-Password\n")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("A recovery code is not taken here."))
      #expect(try house.slapd.recoveryCodes(of: person) == 8)
    }
  }

  @Test("sets up another app, and shows the new codes once, each on a line of its own")
  func reenrols() async throws {
    try await House.with { house in
      let (person, codes) = try house.recoverable("jdoe")
      let terminal = try Terminal(
        [try Daemon.binary("drawbridge"), "reenrol", person.mail, "--socket", house.daemon.signin])
      try terminal.expect("Password\(Self.escape)0m: ")
      try terminal.waitForEcho(false)
      try terminal.type(person.password)
      try terminal.expect("Code\(Self.escape)0m: ")
      try terminal.type(codes[0])
      var shown = try terminal.expect("URI: otpauth://totp/")
      shown = try terminal.expect("Code\(Self.escape)0m: ")
      let secret = try #require(shown.firstRange(of: "to type instead: ")).upperBound
      let typed = shown[secret...].prefix { !$0.isNewline }.replacingOccurrences(of: " ", with: "")
      try terminal.type(totp(secret: typed, at: house.daemon.time))
      shown = try terminal.expect("Each can be entered once in place of the authenticator app's code.")
      #expect(try terminal.end() == 0)
      #expect(shown.contains("Your new authenticator app is set up."))
      let end = try #require(shown.firstRange(of: "Your recovery codes.")).upperBound
      let new = shown[end...].split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }
        .filter { $0.count == 15 && $0.count { $0 == "-" } == 2 }
      #expect(new.count == 8)
      #expect(
        try house.daemon.client().recover(person, with: String(try #require(new.first))).hasPrefix("OK signed-in"))
    }
  }
}
