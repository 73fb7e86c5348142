import Fixtures
import Foundation
import Testing

/// PM-01, PM-02: in a stack that would let everybody in whom the module does not refuse, every fault of the daemon, and
/// every word that is not its OK about this user, refuses.
@Suite("PAM: a daemon that is broken, hostile or away", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMFaultTests {
  static let password = "ASK password echo=off :Password\n"
  static let totp = "ASK totp digits=6 period=30 echo=on :Code\n"
  static let good = "OK signed-in login=jdoe%40example.org uid=jdoe dn=uid%3Djdoe :You are signed in.\n"
  static let answers = ["text Str0ng-Enough", "text 123456"]

  /// How a call ends with a daemon that says these.
  private static func code(
    _ daemon: ScriptedDaemon, _ call: String = "authenticate", options: String = "timeout=1",
    answers: [String] = Self.answers
  ) throws -> Int? {
    defer { daemon.stop() }
    let host = try PAMHost(socket: daemon.socket, users: ["jdoe"])
    defer { host.end() }
    try host.alone(options)
    let said = try host.converse("jdoe", answers, calls: [call], sanitized: true)
    #expect(said.errors.isEmpty, "\(said.errors)")
    #expect(said.status == (said.code(call) == 0 ? 0 : 1))
    return said.code(call)
  }

  @Test("is believed where it says what the protocol has")
  func believed() throws {
    #expect(try Self.code(ScriptedDaemon(Self.password, Self.totp, Self.good)) == PAMCode.success)
    #expect(
      try Self.code(ScriptedDaemon(Self.password, Self.totp, "OK signed-in uid=%6Ad%6fe\r\n")) == PAMCode.success)
    #expect(try Self.code(ScriptedDaemon("OK active uid=jdoe\n"), "account") == PAMCode.success)
    let later = try ScriptedDaemon(Self.password, "LATER busy after=1\n", Self.totp, Self.good)
    #expect(try Self.code(later, options: "timeout=10") == PAMCode.success)
    // The very same line again.
    #expect(
      later.lines == [
        "SIGNIN jdoe service=drawbridge-test", "PASSWORD Str0ng-Enough", "PASSWORD Str0ng-Enough", "TOTP 123456",
      ])
  }

  @Test(
    "means nobody else",
    arguments: [
      "uid=root", "uid=JDOE", "uid=jdo", "uid=jdoe2", "uid=", "uid", "", "uid=jdoe%00", "uid=jdoe%0a", "uid=jdoe%2",
      "uid=root uid=jdoe", "login=jdoe", "dn=jdoe", "xuid=jdoe", "Uid=jdoe", ":uid=jdoe",
    ])
  func anotherUser(_ fields: String) throws {
    let reply = "OK signed-in \(fields)\n"
    // Some are no reply at all; none is a sign-in.
    let refusals = [PAMCode.authenticationError, PAMCode.unavailable]
    let signIn = try Self.code(ScriptedDaemon(Self.password, Self.totp, reply))
    #expect(refusals.contains(signIn ?? 0))
    let account = try Self.code(ScriptedDaemon("OK active \(fields)\n"), "account")
    #expect(refusals.contains(account ?? 0))
  }

  static let ends: [(String, Int)] = [
    ("NO denied\n", PAMCode.authenticationError), ("NO deactivated :Idle.\n", PAMCode.expiredAccount),
    ("NO locked after=60\n", PAMCode.tooManyTries), ("NO password-expired\n", 27),
    ("NO expired\n", PAMCode.authenticationError), ("NO tomorrow\n", PAMCode.authenticationError),
    ("LATER directory after=2\n", PAMCode.unavailable), ("LATER busy\n", PAMCode.unavailable),
    ("LATER busy after=99999999999999999999\n", PAMCode.unavailable), ("ERR no-flow\n", PAMCode.unavailable),
    ("OK active uid=jdoe\n", PAMCode.unavailable), ("OK password-changed uid=jdoe\n", PAMCode.unavailable),
    ("OK\n", PAMCode.unavailable), ("OK \n", PAMCode.unavailable), ("\n", PAMCode.unavailable),
    ("ok signed-in uid=jdoe\n", PAMCode.unavailable), (" OK signed-in uid=jdoe\n", PAMCode.unavailable),
    ("OK  signed-in uid=jdoe\n", PAMCode.unavailable), ("OK signed-in  uid=jdoe\n", PAMCode.unavailable),
    ("OK signed-in uid=jdoe", PAMCode.unavailable), ("OKAY signed-in uid=jdoe\n", PAMCode.unavailable),
    ("OK signed-in uid=jdoe \n", PAMCode.unavailable), ("OK Signed-In uid=jdoe\n", PAMCode.unavailable),
    ("OK signed-in uid=jdoe\u{07}\n", PAMCode.unavailable), ("OK signed-in uid=jdoe\0\n", PAMCode.unavailable),
    ("OK signed\0-in uid=jdoe\n", PAMCode.unavailable), ("ASK blood echo=on :Drop\n", PAMCode.unavailable),
    ("* uid=jdoe\n", PAMCode.unavailable), ("\u{1B}[2J\n", PAMCode.unavailable), ("", PAMCode.unavailable),
    (String(repeating: "A", count: 4096) + "\n", PAMCode.unavailable),
    ("OK signed-in uid=jdoe :" + String(repeating: "A", count: 4096) + "\n", PAMCode.unavailable),
    (String(repeating: "* :row\n", count: 300) + "OK signed-in uid=jdoe\n", PAMCode.unavailable),
  ]

  @Test("refuses at each step, by the code that says why", arguments: ends)
  func refuses(_ reply: String, _ code: Int) throws {
    #expect(try Self.code(ScriptedDaemon(reply)) == code, "to SIGNIN")
    #expect(try Self.code(ScriptedDaemon(Self.password, reply)) == code, "to PASSWORD")
    #expect(try Self.code(ScriptedDaemon(Self.password, Self.totp, reply)) == code, "to TOTP")
    let isAccount = reply == "OK active uid=jdoe\n"
    #expect(try Self.code(ScriptedDaemon(reply), "account") == (isAccount ? PAMCode.success : code), "to ACCOUNT")
  }

  @Test("signs nobody in whom it has not asked anything") func noQuestion() throws {
    #expect(try Self.code(ScriptedDaemon(Self.good)) == PAMCode.unavailable)
  }

  @Test(
    "has to greet as itself",
    arguments: [
      "", "OK ready\n", "OK ready protocol=2\n", "OK ready protocol=11\n", "NO busy\n", "LATER busy after=1\n",
      "HTTP/1.1 400 Bad Request\r\n\r\n", "OK ready protocol=1", "OK pong protocol=1\n", "* :hello\n",
    ])
  func greeting(_ greeting: String) throws {
    let daemon = try ScriptedDaemon(
      [Array(greeting.utf8)] + [Self.password, Self.totp, Self.good].map { Array($0.utf8) })
    #expect(try Self.code(daemon) == PAMCode.unavailable)
  }

  @Test("is not waited for for ever", arguments: [ScriptedDaemon.End.holds, .drips])
  func deadline(_ end: ScriptedDaemon.End) throws {
    #expect(try Self.code(ScriptedDaemon([], then: end)) == PAMCode.unavailable)
    #expect(try Self.code(ScriptedDaemon(then: end)) == PAMCode.unavailable)
    #expect(try Self.code(ScriptedDaemon(Self.password, then: end)) == PAMCode.unavailable)
    #expect(try Self.code(ScriptedDaemon(then: end), "account") == PAMCode.unavailable)
    #expect(try Self.code(ScriptedDaemon(Self.password, Self.totp, then: end)) == PAMCode.unavailable)
  }

  @Test("does not ask for ever") func asksForEver() throws {
    let daemon = try ScriptedDaemon(Self.password, then: .repeats)
    let code = try Self.code(daemon, options: "timeout=60", answers: Array(repeating: "text again", count: 100))
    #expect(code == PAMCode.unavailable)
    #expect(daemon.lines.count < 100)
  }

  @Test("is away") func away() throws {
    let daemon = try ScriptedDaemon()
    daemon.stop()
    #expect(try Self.code(daemon) == PAMCode.unavailable)
    #expect(try Self.code(daemon, "account") == PAMCode.unavailable)
    #expect(try Self.code(daemon, "change") == PAMCode.unavailable)
  }

  @Test("has a directory that is down, and says so") func directoryDown() async throws {
    try await PAMSignInTests.with("timeout=3") { house, host, person in
      try house.slapd.kill()
      for call in ["authenticate", "account"] {
        #expect(try host.converse(person.uid, Self.answers, calls: [call]).code(call) == PAMCode.unavailable)
      }
    }
  }
}
