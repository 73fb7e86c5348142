import Fixtures
import Foundation
import Testing

/// PM-04, PM-05, PM-09: whatever an application's conversation returns, nothing but one line goes to the daemon, nothing
/// is read or written beside it, and nothing of it stays.
@Suite("PAM: odd conversations", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMConversationTests {
  private struct Outcome {
    let said: PAMHost.Conversation
    let lines: [String]
  }

  /// Under valgrind, an error or a leak of the module's own ends in 99.
  private static let valgrind = [
    "valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite",
    "--show-leak-kinds=definite",
  ]

  private static func converse(
    _ answers: [String], user: String = "jdoe", call: String = "authenticate", options: String = "timeout=20",
    flags: [String] = [], isPlain: Bool = false, under wrapper: [String] = [], replies: [String]? = nil
  ) throws -> Outcome {
    let parts = replies ?? [PAMFaultTests.password, PAMFaultTests.totp, PAMFaultTests.good]
    let daemon = try ScriptedDaemon(([ScriptedDaemon.greeting] + parts).map { Array($0.utf8) })
    defer { daemon.stop() }
    let host = try PAMHost(socket: daemon.socket, users: ["jdoe"])
    defer { host.end() }
    try host.alone(options, sanitized: !isPlain)
    let said = try host.converse(
      user, answers, calls: [call], options: flags, sanitized: !isPlain, under: wrapper)
    #expect(said.errors.isEmpty, "\(said.errors)")
    #expect(said.status == 0 || said.status == 1, "\(said.status) \(said.lines)")
    return Outcome(said: said, lines: daemon.lines)
  }

  @Test("with no answer are over", arguments: ["null", "none", "fail"])
  func noAnswer(_ answer: String) throws {
    let first = try Self.converse([answer])
    #expect(first.said.code() == PAMCode.authenticationError)
    #expect(first.lines == ["SIGNIN jdoe service=drawbridge-test"])
    let second = try Self.converse(["text a", answer])
    #expect(second.said.code() == PAMCode.authenticationError)
    #expect(second.lines == ["SIGNIN jdoe service=drawbridge-test", "PASSWORD a"])
  }

  static let lineMaxBytes = 4096
  static let odd: [(String, password: String, code: String)] = [
    ("text ", "", ""), ("times 1", "x", "x"),
    ("times 511", String(repeating: "x", count: 511), String(repeating: "x", count: 511)),
    ("times 512", String(repeating: "x", count: 512), String(repeating: "x", count: 512)),
    ("times 4063", String(repeating: "x", count: 4063), String(repeating: "x", count: 4063)),
    ("times 4096", "", ""), ("times 16000", "", ""),
    // "a\nOK signed-in", "a\r", "\n": what ends a line.
    ("hex 610a4f4b207369676e65642d696e", "", ""), ("hex 610d", "", ""), ("hex 0a", "", ""),
    ("text  blanks ", " blanks ", " blanks "), ("text 100%25 :a=b", "100%25 :a=b", "100%25 :a=b"),
    ("hex c3a9e282acf09f9880", "é€😀", ""),
    // Latin-1, an overlong form, a surrogate, half a character.
    ("hex e9", "", ""), ("hex c0af", "", ""), ("hex eda080", "", ""), ("hex 61e282", "", ""), ("hex f4908080", "", ""),
  ]

  @Test("send what can stand on a line, and an empty answer for what cannot", arguments: odd)
  func oddAnswer(_ answer: String, _ password: String, _ code: String) throws {
    for wrapper in answer.hasPrefix("hex 61") || answer.hasPrefix("times 4") ? [[], Self.valgrind] : [[]] {
      let outcome = try Self.converse([answer, answer], isPlain: !wrapper.isEmpty, under: wrapper)
      #expect(outcome.said.code() == PAMCode.success)
      #expect(outcome.lines == ["SIGNIN jdoe service=drawbridge-test", "PASSWORD \(password)", "TOTP \(code)"])
    }
  }

  @Test("go through every step under valgrind, and break off at each")
  func everyStep() throws {
    let replies = [
      PAMFaultTests.password, "ASK code to=j***%40example.org expires=300 digits=6 echo=on :Sent\n",
      "ASK new-password min=8 max=16 classes=3 of=4 echo=off :New Password\n",
      "ASK confirm-password echo=off :Confirm New Password\n",
      "ASK enrol uri=otpauth%3A%2F%2F secret=GEZDGNBVGY3TQOJQ echo=on :Scan\n",
      "* :##\n* :# \nASK enrol secret=GEZDGNBVGY3TQOJQ echo=on :Scan\n",
      "OK signed-in uid=jdoe recovery=7HQ2-M9XN-F48DV%2C0000-1111-22222\n",
    ]
    let answers = ["text a", "text 111111", "text b", "text b", "text 222222"]
    let whole = try Self.converse(answers, isPlain: true, under: Self.valgrind, replies: replies)
    #expect(
      whole.said.lines == [
        "hidden: Password: ", "shown: Sent (empty for a new code): ",
        "hidden: New Password (8-16 characters, 3 of: lowercase, uppercase, numbers, symbols): ",
        "hidden: Confirm New Password: ", "info: ##", "info: # ", "info: Secret, to type instead: GEZDGNBVGY3TQOJQ",
        "shown: Scan: ", "info: Your recovery codes. They are shown this once: keep them where your phone is not.",
        "info: 7HQ2-M9XN-F48DV", "info: 0000-1111-22222", "authenticate: 0 Success", "user: jdoe", "left open: 0",
      ])
    #expect(
      whole.lines.dropFirst() == [
        "PASSWORD a", "CODE 111111", "NEW-PASSWORD b", "CONFIRM-PASSWORD b", "QR", "ENROL 222222",
      ])
    for count in 0..<answers.count {
      for last in ["fail", "null", "none"] {
        let broken = try Self.converse(Array(answers.prefix(count)) + [last], replies: replies)
        #expect(broken.said.code() == PAMCode.authenticationError, "\(count) \(last)")
      }
    }
  }

  @Test("take a recovery code where the app's is asked for")
  func recoveryCode() throws {
    for (typed, verb) in [("7hq2 m9xn-F48DV", "RECOVERY"), ("1234567890123", "RECOVERY"), ("12345-6", "TOTP")] {
      let outcome = try Self.converse(["text 0123456789123", "text \(typed)"])
      #expect(outcome.lines.dropFirst() == ["PASSWORD 0123456789123", "\(verb) \(typed)"])
    }
  }

  @Test("are silent where the application wants that: no text but the questions")
  func silent() throws {
    let replies = [PAMFaultTests.password, "NO deactivated contact=help :Idle.\n"]
    let loud = try Self.converse(["text a"], replies: replies)
    #expect(loud.said.lines.filter { $0.hasPrefix("error: ") } == ["error: Idle.", "error: help"])
    let silent = try Self.converse(["text a"], flags: ["-s"], replies: replies)
    #expect(silent.said.lines.first == "hidden: Password: ")
    #expect(!silent.said.lines.contains { $0.hasPrefix("error: ") || $0.hasPrefix("info: ") })
  }

  @Test("show what the daemon says without what commands a terminal")
  func clean() throws {
    let replies = ["ASK password echo=on :Pass\u{9B}2J\u{202E}word\u{2066} é\n"]
    let said = try Self.converse(["fail"], replies: replies).said
    // Hidden, whatever the daemon says of it.
    #expect(said.lines.first == "hidden: Pass2Jword é: ")
    let long = "ASK totp echo=on :" + String(repeating: "é", count: 2000) + "\n"
    let cut = try Self.converse(["fail"], replies: [long]).said.lines.first ?? ""
    #expect(cut.utf8.count <= 512 + "shown: ".utf8.count && cut.hasSuffix("é: "), "\(cut)")
  }

  @Test("name users that end no line, and none that is too long")
  func users() throws {
    let injected = try Self.converse(
      ["text a", "text b"], user: "root\nOK signed-in",
      replies: [PAMFaultTests.password, PAMFaultTests.totp, "OK signed-in uid=root%0AOK%20signed-in\n"])
    // The daemon may say what it likes: no name service knows such a user.
    #expect(injected.said.code() == PAMCode.authenticationError)
    #expect(injected.lines.first == "SIGNIN root%0AOK%20signed-in service=drawbridge-test")
    let long = try Self.converse([], user: String(repeating: "x", count: 255))
    #expect(long.said.code() == PAMCode.authenticationError)
    #expect(long.lines.isEmpty)
    let empty = try Self.converse([], user: "")
    #expect(empty.said.code() == PAMCode.authenticationError)
  }

  @Test("leave no trace of what was typed")
  func traces() throws {
    let secret = "5472616365642d537472306e67"  // Traced-Str0ng
    let flags = ["-w", secret]
    // Behind what free(3) writes over by itself.
    let answer = "hex " + String(repeating: "78", count: 64) + secret
    let answers = [answer, answer]
    for user in ["jdoe", "stranger"] {
      let said = try Self.converse(answers, user: user, flags: flags, isPlain: true).said
      #expect(said.lines.contains("traces: 0"), "\(said.lines)")
    }
    // What it finds of something that is kept: the user's name.
    let kept = try Self.converse(answers, flags: ["-w", "6a646f65"], isPlain: true).said
    #expect(kept.lines.contains { $0.hasPrefix("traces: ") && $0 != "traces: 0" }, "\(kept.lines)")
  }
}
