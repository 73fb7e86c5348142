import Secrets
import Testing

@testable import SignInServer

/// Dovecot's authentication protocol 1.2, https://doc.dovecot.org/ (Design, Auth Protocol).
@Suite("Dovecot's authentication protocol") struct DovecotProtocolTests {
  private func command(_ line: String) throws -> DovecotCommand { try DovecotCommand(Array(line.utf8)) }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test("has commands with parameters in any order, and passes over what it does not know")
  func commands() throws {
    #expect(try command("VERSION\t1\t0") == .version(major: 1))
    #expect(try command("VERSION\t2\t9\r") == .version(major: 2))
    let asked = DovecotCommand.Authentication(
      id: 7, mechanism: bytes("PLAIN"), service: bytes("smtp"), from: bytes("203.0.113.9"), response: bytes("AGEAYg=="))
    let line = "AUTH\t7\tPLAIN\tservice=smtp\tnologin\tlip=127.0.0.1\trip=203.0.113.9\tsecured\tnew=1\tresp=AGEAYg=="
    #expect(try command(line) == .authenticate(asked))
    #expect(try command("AUTH\t0\tLOGIN") == .authenticate(.init(id: 0, mechanism: bytes("LOGIN"))))
    #expect(try command("CONT\t4294967295\tYQ==") == .goOn(id: .max, response: bytes("YQ==")))
    #expect(try command("CONT\t1\t") == .goOn(id: 1, response: []))
    #expect(try command("CANCEL\t3") == .cancel(id: 3))
    for line in ["", "CPID\t12", "cancel\t3", "\t\t", "VERSIONS\t1"] { #expect(try command(line) == .unknown) }
  }

  @Test(
    "needs a number that names the request",
    arguments: [
      "AUTH", "AUTH\t1", "AUTH\t\tPLAIN", "AUTH\t4294967296\tPLAIN", "AUTH\t-1\tPLAIN",
      "AUTH\t99999999999999999999\tPLAIN",
      "AUTH\t1x\tPLAIN", "CONT\t1", "CONT\tx\tYQ==", "CONT\t1\tYQ==\tYQ==", "CANCEL", "VERSION", "VERSION\t+1",
    ])
  func numbers(line: String) {
    #expect(throws: DovecotCommand.Malformed.self) { try command(line) }
  }

  @Test("writes what would end a parameter or a line behind an escape, and reads it back")
  func escapes() throws {
    let every = Array(UInt8.min...UInt8.max)
    let written = DovecotEscape.escaped(every)
    #expect(![0x00, 0x09, 0x0A, 0x0D].contains(where: written.contains))
    let line = bytes("AUTH\t1\tPLAIN\tservice=") + written
    guard case .authenticate(let asked) = try DovecotCommand(line) else {
      Issue.record("no AUTH")
      return
    }
    #expect(asked.service == every)
    #expect(
      try DovecotCommand(bytes("AUTH\t1\tPLAIN\tservice=a\u{1}"))
        == .authenticate(
          .init(id: 1, mechanism: bytes("PLAIN"), service: bytes("a"))))
  }

  @Test("is greeted in full before the client says a word")
  func greeting() {
    let said = DovecotReply.greeting(
      processID: 12, connection: 3, cookie: [0x00, 0xAB] + [UInt8](repeating: 1, count: 14))
    let cookie = "00ab" + String(repeating: "01", count: 14)
    let lines = [
      "VERSION\t1\t2", "MECH\tPLAIN\tplaintext", "MECH\tLOGIN\tplaintext", "SPID\t12", "CUID\t3", "COOKIE\t\(cookie)",
      "DONE", "",
    ]
    #expect(String(decoding: said, as: UTF8.self) == lines.joined(separator: "\n"))
  }

  @Test("tells what became of a request, to clients of 1.1 and of 1.2")
  func replies() {
    func line(_ reply: DovecotReply) -> String { String(decoding: reply.encode(), as: UTF8.self) }
    #expect(line(.challenge(id: 1, base64: "")) == "CONT\t1\t\n")
    #expect(line(.accepted(id: 2, user: bytes("a\tb@example.org"))) == "OK\t2\tuser=a\u{1}tb@example.org\n")
    #expect(line(.failed(id: 3, .init(user: bytes("jdoe")))) == "FAIL\t3\tuser=jdoe\n")
    #expect(
      line(.failed(id: 4, .init(code: .temporary, reason: "Later.")))
        == "FAIL\t4\treason=Later.\ttemp\tcode=temp_fail\n")
    #expect(line(.failed(id: 5, .init(code: .disabled))) == "FAIL\t5\tuser_disabled\tcode=user_disabled\n")
  }

  // MARK: PLAIN and LOGIN

  private func base64(_ text: String) -> [UInt8] { Base64.encode(Array(text.utf8)) }

  private func exchange(_ mechanism: String) throws -> PlaintextExchange {
    try #require(PlaintextExchange(mechanism: bytes(mechanism)))
  }

  @Test("takes PLAIN with an initial response and without one, and LOGIN in two answers or three")
  func mechanisms() throws {
    let right = PlaintextExchange.Progress.credentials(login: bytes("jdoe"), secret: Secret(bytes("secret")))
    var plain = try exchange("plain")
    #expect(plain.receive(base64("\0jdoe\0secret")) == right)
    plain = try exchange("PLAIN")
    #expect(plain.receive(nil) == .challenge(""))
    #expect(plain.receive(base64("jdoe\0jdoe\0secret")) == right)
    for initial in [nil, base64("jdoe")] {
      var login = try exchange("Login")
      if initial == nil { #expect(login.receive(nil) == .challenge("VXNlcm5hbWU6")) }
      #expect(login.receive(base64("jdoe")) == .challenge("UGFzc3dvcmQ6"))
      #expect(login.receive(base64("secret")) == right)
    }
    #expect(PlaintextExchange(mechanism: bytes("CRAM-MD5")) == nil)
  }

  @Test("lets nobody be somebody else")
  func otherIdentity() throws {
    var plain = try exchange("PLAIN")
    #expect(plain.receive(base64("admin\0jdoe\0secret")) == .otherIdentity)
  }

  @Test("ends an exchange with what is no response of it")
  func malformed() throws {
    let long = String(repeating: "x", count: PlaintextExchange.fieldMaxBytes + 1)
    for text in ["", "jdoe", "\0jdoe", "\0jdoe\0a\0b", "\0\0secret", "\0\(long)\0a", "\0a\0\(long)"] {
      var plain = try exchange("PLAIN")
      #expect(plain.receive(base64(text)) == .malformed, "\(text.prefix(20))")
      #expect(plain.receive(base64("\0jdoe\0secret")) == .malformed)
    }
    var plain = try exchange("PLAIN")
    #expect(plain.receive(bytes("not base64!")) == .malformed)
    for text in ["", long] {
      var login = try exchange("LOGIN")
      #expect(login.receive(base64(text)) == .malformed)
    }
    var login = try exchange("LOGIN")
    _ = login.receive(base64("jdoe"))
    #expect(login.receive(base64(long)) == .malformed)
  }
}
