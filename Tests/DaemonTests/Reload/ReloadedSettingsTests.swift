import Fixtures
import Foundation
import Testing

/// What a reload changes, setting by setting.
@Suite("A reload", .serialized) struct ReloadedSettingsTests {
  @Test("changes texts, and names what it has changed, and what it has not")
  func texts() async throws {
    try await House.with(settings: "[texts]\ncontact = \"Ann\"\n") { house in
      #expect(try house.daemon.client().send("SUPPORT").contains("contact=Ann"))
      #expect(try house.daemon.reload() == "OK reloaded")
      try house.daemon.change("\"Ann\"", to: "\"Bob\"")
      #expect(try house.daemon.client().send("SUPPORT").contains("contact=Ann"))
      #expect(try house.daemon.reload() == "OK reloaded changed=texts.contact")
      #expect(try house.daemon.client().send("SUPPORT").contains("contact=Bob"))
      #expect(house.daemon.log.contains("changed=texts.contact"))
      try house.daemon.change("admin.sock\"", to: "other.sock\"")
      try house.daemon.change("\"Bob\"", to: "\"Cid\"")
      #expect(try house.daemon.reload() == "OK reloaded changed=texts.contact restart=listen")
      #expect(try house.daemon.client().send("SUPPORT").contains("contact=Cid"))
      #expect(try house.daemon.status().hasPrefix("OK status"))
      #expect(house.audit("reload").map { $0.contains("result=done") } == [true, true, true])
    }
  }

  @Test("changes limits: how many connections there may be")
  func limits() async throws {
    let limits = "[limits]\nrefusal-floor = \"20ms\"\nconnections-max = 2\n"
    try await House.with(settings: limits) { house in
      let first = try house.daemon.client()
      let second = try house.daemon.client()
      #expect(try LineClient(house.daemon.signin, greeting: false).reply().hasPrefix("LATER busy"))
      try house.daemon.change("connections-max = 2", to: "connections-max = 3")
      #expect(try house.daemon.reload() == "OK reloaded changed=limits.connections-max")
      let third = try house.daemon.client()
      for client in [first, second, third] { #expect(try client.send("PING") == "OK pong") }
    }
  }

  @Test("changes the mail server: what is posted from then on goes to the new one")
  func mail() async throws {
    try await House.with { house in
      let other = try MailSink()
      defer { other.end() }
      try house.daemon.change("smtp://127.0.0.1:\(house.mail.port)", to: "smtp://127.0.0.1:\(other.port)")
      #expect(try house.daemon.reload() == "OK reloaded changed=mail.server")
      let invite = "INVITE jdoe@example.org uid=jdoe cn=Jane sn=Doe"
      #expect(try house.daemon.adminClient().send(invite).hasPrefix("OK invited"))
      try Fixtures.await("the mail") { other.messages(to: "jdoe@example.org").isEmpty ? nil : true }
      #expect(house.mail.messages(to: "jdoe@example.org").isEmpty)
      try house.daemon.change("smtp://127.0.0.1:\(other.port)", to: "off")
      #expect(try house.daemon.reload().hasPrefix("OK reloaded changed=mail.server"))
      #expect(try house.daemon.status().contains("mail=off"))
    }
  }

  @Test("reads a key ring that has grown, and goes on opening what was sealed before")
  func keys() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      let ring = try String(contentsOfFile: house.daemon.keys, encoding: .utf8)
      let key = Data(0..<32).base64EncodedString()
      // In place, so that its mode stays.
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: house.daemon.keys))
      try file.write(
        contentsOf: Data((ring.replacingOccurrences(of: " active ", with: " open ") + "7 active \(key)\n").utf8))
      try file.close()
      #expect(try house.daemon.reload() == "OK reloaded changed=keys.ring")
      let status = try house.daemon.status()
      #expect(status.contains(" key=7 ") && status.contains(" keys=7%2C"), "\(status)")
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
    }
  }

  @Test("changes the certificate of a listener at once, and open connections go on")
  func certificate() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try listener.certificates.issue("renewed", name: "DNS:localhost,IP:127.0.0.1")
    try await House.with(settings: listener.table()) { house in
      let client = try LineClient(try listener.door())
      let folder = listener.certificates.directory
      try house.daemon.change(listener.certificate, to: "\(folder)/renewed.pem")
      try house.daemon.change(listener.key, to: "\(folder)/renewed.key")
      #expect(try house.daemon.reload() == "OK reloaded changed=listen")
      #expect(try listener.ask([], ["-showcerts"]).errors.contains("CN = renewed"))
      #expect(try client.send("PING") == "OK pong")
    }
  }

  @Test("changes when sweeps are")
  func sweep() async throws {
    try await House.with(settings: "[inactivity]\nsweep-every = \"off\"\n") { house in
      try house.daemon.change("sweep-every = \"off\"", to: "sweep-every = \"1s\"")
      #expect(try house.daemon.reload() == "OK reloaded changed=inactivity.sweep-every")
      try Fixtures.await("a sweep", within: 60) { try house.daemon.status().contains("last-sweep=") ? true : nil }
    }
  }

  @Test("changes the directory's address under a flow, and lets go of the connection before")
  func directory() async throws {
    try await House.with(hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      let link = "\(house.daemon.directory)/other"
      let path = try #require(house.slapd.uri.removingPercentEncoding?.dropFirst("ldapi://".count))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: String(path))
      let encoded = link.replacingOccurrences(of: "/", with: "%2F")
      func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(house.daemon.pid)/fd").count
      }
      let before = try descriptors()
      try house.daemon.change(house.slapd.uri, to: "ldapi://\(encoded)")
      #expect(try house.daemon.reload() == "OK reloaded changed=directory.uris")
      #expect(try house.daemon.status().contains("%252Fother "))
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      // It may be another server: a code that may have been used on the one before waits.
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("LATER directory after="))
      try house.daemon.moveClock(by: 61)
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
      for _ in 0..<10 { #expect(try house.daemon.reload() == "OK reloaded") }
      // But for what a connection that is being closed still holds.
      try Fixtures.await("the end of old connections") { try descriptors() <= before + 2 ? true : nil }
    }
  }

  @Test("forgets no wrong answers, of logins that have no account either")
  func budgets() async throws {
    try await House.with { house in
      func guess() throws -> String {
        let client = try house.daemon.client()
        var reply = try client.send("SIGNIN nobody@example.org")
        if reply.hasPrefix("ASK password") { reply = try client.send("PASSWORD wrong-Passw0rd") }
        if reply.hasPrefix("ASK totp") { reply = try client.send("TOTP 123456") }
        return reply
      }
      var reply = ""
      for _ in 0..<40 where !reply.hasPrefix("NO locked") { reply = try guess() }
      try #require(reply.hasPrefix("NO locked"))
      let ring = try String(contentsOfFile: house.daemon.keys, encoding: .utf8)
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: house.daemon.keys))
      let key = Data(0..<32).base64EncodedString()
      try file.write(
        contentsOf: Data((ring.replacingOccurrences(of: " active ", with: " open ") + "7 active \(key)\n").utf8))
      try file.close()
      #expect(try house.daemon.reload() == "OK reloaded changed=keys.ring")
      #expect(try guess().hasPrefix("NO locked"))
    }
  }
}
