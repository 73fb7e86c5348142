import Testing

@testable import Mail

@Suite(.timeLimit(.minutes(1))) struct RelayTests {
  private let stamp = Stamp(date: 1_795_507_888, token: "0123456789abcdef")

  private func relay(
    to server: MailServerProcess, _ encryption: Relay.Encryption = .never, name: String? = nil,
    login: Relay.Login? = nil, trusts: Bool = false, timeout: Duration = .seconds(10)
  ) throws -> Relay {
    try Relay(
      Relay.Settings(
        host: "localhost", port: server.port, encryption: encryption,
        sender: Sender(address: "sso@example.com", name: name), login: login,
        caFile: trusts ? server.certificate : nil, timeout: timeout))
  }

  private func outcome(of relay: Relay) throws -> MailError? {
    let message = try Message(recipient: "bob@example.com", subject: "Hello", body: "Hello\n")
    do throws(MailError) {
      try relay.send(message, stamp: stamp)
      return nil
    } catch {
      return error
    }
  }

  struct Letter: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let subject: String
    let body: String
    let name: String
  }

  static let letters = [
    Letter(testDescription: "plain", subject: "Hello", body: "One line\n", name: "Single Sign-On"),
    Letter(
      testDescription: "beyond ASCII, and dots", subject: "Grüße, 世界 — \"quoted\" =?utf-8?Q?no?=",
      body: "Zürich\n\n.\n..two\n=3D\nends in blank \n\ttab\n", name: "Société \"Gaz\""),
    Letter(
      testDescription: "long", subject: String(repeating: "ü", count: 180),
      body: String(repeating: "long ", count: 700) + "\n", name: "a\\b"),
    Letter(
      testDescription: "plain, and dots", subject: "$(x) `y` %0d%0aBcc: z", body: "\n.\n..\nFrom nobody\n=\n", name: "@"
    ),
  ]

  @Test(arguments: letters)
  func whatIsSentIsWhatAReaderReads(letter: Letter) throws {
    let server = try MailServerProcess(.takes)
    let message = try Message(recipient: "bob+x@example.com", subject: letter.subject, body: letter.body)
    try relay(to: server, name: letter.name).send(message, stamp: stamp)
    let received = try server.next()
    #expect(received.sender == "sso@example.com")
    #expect(received.recipients == ["bob+x@example.com"])
    #expect(received.subject == letter.subject)
    #expect(received.body == letter.body)
    #expect(received.from.hasSuffix("<sso@example.com>"))
    #expect(received.raw.contains("\r\nMessage-ID: <0123456789abcdef@example.com>\r\n"))
    #expect(received.raw.contains("\r\nDate: Tue, 24 Nov 2026 08:11:28 +0000\r\n"))
    #expect(received.raw.utf8.split(separator: 0x0A).allSatisfy { $0.count <= 998 })
  }

  @Test func aRefusalIsPermanentAndNamesTheReply() throws {
    let error = try outcome(of: relay(to: MailServerProcess(.refuses)))
    guard case .permanent(let text) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(text.contains("reply 550"))
  }

  @Test func aPostponementIsTemporary() throws {
    let error = try outcome(of: relay(to: MailServerProcess(.postpones)))
    guard case .temporary(let text) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(text.contains("reply 451"))
  }

  @Test func aServerThatStallsIsLeftAtTheDeadline() throws {
    let relay = try relay(to: MailServerProcess(.stalls), timeout: .milliseconds(700))
    let clock = ContinuousClock()
    let begin = clock.now
    let error = try outcome(of: relay)
    guard case .temporary = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(clock.now - begin < .seconds(5))
  }

  @Test func nobodyListeningIsTemporary() throws {
    let port = try MailServerProcess(.takes).port  // and gone
    let relay = try Relay(
      Relay.Settings(
        host: "127.0.0.1", port: port, encryption: .never, sender: Sender(address: "a@b", name: nil)))
    guard case .temporary = try outcome(of: relay) else { return #expect(Bool(false)) }
  }

  @Test func requiredEncryptionWantsItOffered() throws {
    let error = try outcome(of: relay(to: MailServerProcess(.takes), .required))
    guard case .permanent = error else { return #expect(Bool(false), "\(String(describing: error))") }
  }

  @Test func requiredEncryptionWantsACertificateToTrust() throws {
    let server = try MailServerProcess(.needsTLS)
    guard case .permanent(let text) = try outcome(of: relay(to: server, .required)) else { return #expect(Bool(false)) }
    #expect(text.contains("certificate"))
    #expect(try outcome(of: relay(to: server, .required, trusts: true)) == nil)
    #expect(try server.next().encrypted)
  }

  @Test(arguments: [(MailServerProcess.Behaviour.offersTLS, true), (.takes, false)])
  func opportunisticEncryptionTakesWhatIsThere(behaviour: MailServerProcess.Behaviour, encrypted: Bool) throws {
    let server = try MailServerProcess(behaviour)
    #expect(try outcome(of: relay(to: server, .opportunistic)) == nil)
    #expect(try server.next().encrypted == encrypted)
  }

  @Test func aLoginIsGiven() throws {
    let server = try MailServerProcess(.needsLogin)
    let login = try Relay.Login(user: "alice", password: Array("päss".utf8))
    #expect(try outcome(of: relay(to: server, login: login)) == nil)
    #expect(try server.next().login == "alice")
  }

  @Test func aWrongLoginIsPermanentAndNotShown() throws {
    let login = try Relay.Login(user: "alice", password: Array("hunter2".utf8))
    let error = try outcome(of: relay(to: MailServerProcess(.needsLogin), login: login))
    guard case .permanent(let text) = error else { return #expect(Bool(false), "\(String(describing: error))") }
    #expect(!text.contains("hunter2") && !"\(login)".contains("hunter2"))
    var shown = ""
    dump(login, to: &shown)
    #expect(!shown.contains("104"))  // "h"
  }

  @Test(arguments: ["", "mx/evil", "mx\r\nQUIT", "mx@evil", "mx evil", "mx?x", "mx#x", "möx"])
  func aServerIsAHost(host: String) throws {
    let sender = try Sender(address: "a@b", name: nil)
    #expect(throws: MailError.self) { try Relay(Relay.Settings(host: host, encryption: .never, sender: sender)) }
  }
}
