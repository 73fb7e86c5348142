import Fixtures
import Glibc
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
    let message = try Message(recipient: "bob+x@example.com", subject: letter.subject, body: letter.body)
    let received = try MailServerProcess.with(.takes) { server throws in
      try relay(to: server, name: letter.name).send(message, stamp: stamp)
      return try server.next()
    }
    #expect(received.sender == "sso@example.com")
    #expect(received.recipients == ["bob+x@example.com"])
    #expect(received.subject == letter.subject)
    #expect(received.body == letter.body)
    #expect(received.from.hasSuffix("<sso@example.com>"))
    #expect(received.raw.contains("\r\nMessage-ID: <0123456789abcdef@example.com>\r\n"))
    #expect(received.raw.contains("\r\nDate: Tue, 24 Nov 2026 08:11:28 +0000\r\n"))
    #expect(received.raw.utf8.split(separator: 0x0A).allSatisfy { $0.count <= 998 })
  }

  @Test(arguments: [
    (MailServerProcess.Behaviour.refuses, true, "reply 550"), (.postpones, false, "reply 451"),
  ])
  func theReplyDecidesWhetherTryingAgainHelps(
    behaviour: MailServerProcess.Behaviour, isPermanent: Bool, words: String
  ) throws {
    switch try MailServerProcess.with(behaviour, { try outcome(of: relay(to: $0)) }) {
    case .permanent(let text): #expect(isPermanent && text.contains(words))
    case .temporary(let text): #expect(!isPermanent && text.contains(words))
    case .unsendable, nil: #expect(Bool(false), "neither refused nor postponed")
    }
  }

  @Test func aServerThatStallsIsLeftAtTheDeadline() throws {
    try MailServerProcess.with(.stalls) { server throws in
      let clock = ContinuousClock()
      let begin = clock.now
      let error = try outcome(of: relay(to: server, timeout: .milliseconds(700)))
      #expect(clock.now - begin < .seconds(5))
      #expect(isTemporary(error))
    }
  }

  @Test func nobodyListeningIsTemporary() throws {
    let gone = try MailServerProcess.with(.takes) { server in try relay(to: server) }
    #expect(isTemporary(try outcome(of: gone)))
  }

  @Test func requiredEncryptionWantsItOffered() throws {
    let error = try MailServerProcess.with(.takes) { try outcome(of: relay(to: $0, .required)) }
    #expect(isPermanent(error))
  }

  @Test func requiredEncryptionWantsACertificateToTrust() throws {
    try MailServerProcess.with(.needsTLS) { server throws in
      let error = try outcome(of: relay(to: server, .required))
      #expect(isPermanent(error) && error?.description.contains("certificate") == true)
      #expect(try outcome(of: relay(to: server, .required, trusts: true)) == nil)
      #expect(try server.next().encrypted)
    }
  }

  @Test(arguments: [(MailServerProcess.Behaviour.offersTLS, true), (.takes, false)])
  func opportunisticEncryptionTakesWhatIsThere(behaviour: MailServerProcess.Behaviour, encrypted: Bool) throws {
    try MailServerProcess.with(behaviour) { server throws in
      #expect(try outcome(of: relay(to: server, .opportunistic)) == nil)
      #expect(try server.next().encrypted == encrypted)
    }
  }

  @Test func aLoginIsGiven() throws {
    let login = try Relay.Login(user: "alice", password: Array("päss".utf8))
    try MailServerProcess.with(.needsLogin) { server throws in
      #expect(try outcome(of: relay(to: server, login: login)) == nil)
      #expect(try server.next().login == "alice")
    }
  }

  @Test func aWrongLoginIsPermanentAndNotShown() throws {
    let login = try Relay.Login(user: "alice", password: Array("hunter2".utf8))
    let error = try MailServerProcess.with(.needsLogin) { try outcome(of: relay(to: $0, login: login)) }
    #expect(isPermanent(error) && error?.description.contains("hunter2") == false)
    var shown = "\(login)"
    dump(login, to: &shown)
    #expect(!shown.contains("hunter2") && !shown.contains("104"))  // nor "h" as a number
  }

  private func greeting(of relay: Relay) -> MailError? {
    do throws(MailError) {
      try relay.greet()
      return nil
    } catch {
      return error
    }
  }

  @Test func aGreetingSendsNothing() throws {
    try MailServerProcess.with(.refuses) { server throws in #expect(greeting(of: try relay(to: server)) == nil) }
    try MailServerProcess.with(.takes) { server throws in
      let relay = try relay(to: server)
      #expect(greeting(of: relay) == nil)
      #expect(try outcome(of: relay) == nil)
      #expect(try server.next().recipients == ["bob@example.com"])
    }
    let gone = try MailServerProcess.with(.takes) { server in try relay(to: server) }
    #expect(isTemporary(greeting(of: gone)))
  }

  @Test func aGreetingProvesEncryptionAndLogin() throws {
    try MailServerProcess.with(.needsTLS) { server throws in
      #expect(isPermanent(greeting(of: try relay(to: server, .required))))
      #expect(greeting(of: try relay(to: server, .required, trusts: true)) == nil)
    }
    try MailServerProcess.with(.needsLogin) { server throws in
      let right = try Relay.Login(user: "alice", password: Array("päss".utf8))
      let wrong = try Relay.Login(user: "alice", password: Array("hunter2".utf8))
      #expect(greeting(of: try relay(to: server, login: right)) == nil)
      #expect(isPermanent(greeting(of: try relay(to: server, login: wrong))))
    }
  }

  @Test func aServerThatSaysNothingIsNotWaitedForLonger() throws {
    let (descriptor, port) = try loopbackSocket()
    defer { close(descriptor) }
    #expect(listen(descriptor, 1) == 0)
    let silent = try Relay(
      Relay.Settings(
        host: "127.0.0.1", port: port, encryption: .never,
        sender: Sender(address: "sso@example.com", name: nil), timeout: .milliseconds(300)))
    #expect(isTemporary(greeting(of: silent)))
  }

  private func isTemporary(_ error: MailError?) -> Bool {
    if case .temporary = error { true } else { false }
  }

  private func isPermanent(_ error: MailError?) -> Bool {
    if case .permanent = error { true } else { false }
  }

  @Test(arguments: ["", "mx/evil", "mx\r\nQUIT", "mx@evil", "mx evil", "mx?x", "mx#x", "möx"])
  func aServerIsAHost(host: String) throws {
    let sender = try Sender(address: "a@b", name: nil)
    #expect(throws: MailError.self) { try Relay(Relay.Settings(host: host, encryption: .never, sender: sender)) }
  }
}
