import Fixtures
import Foundation
import Testing

/// Dovecot's authentication protocol, spoken by hand; `PostfixTests` has a real client.
@Suite("The door for clients of Dovecot's protocol", .serialized) struct DovecotDoorTests {
  /// After both handshakes.
  private func client(_ house: DoorHouse, says version: String = "VERSION\t1\t1") throws -> LineClient {
    let client = try LineClient(house.dovecot, greeting: false)
    var lines: [String] = []
    while lines.last != "DONE" { lines.append(try client.readLine()) }
    #expect(lines.first == "VERSION\t1\t2")
    #expect(lines.contains("MECH\tPLAIN\tplaintext") && lines.contains("MECH\tLOGIN\tplaintext"))
    try client.write("\(version)\nCPID\t\(getpid())\n".utf8)
    return client
  }

  private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  private func plain(_ login: String, _ string: String, id: Int, rip: String? = nil) -> String {
    let from = rip.map { "\trip=\($0)" } ?? ""
    return "AUTH\t\(id)\tPLAIN\tservice=smtp\(from)\tsecured\tresp=" + base64("\0\(login)\0\(string)")
  }

  @Test("lets in by PLAIN and by LOGIN, with password and code")
  func mechanisms() async throws {
    try await DoorHouse.with { house in
      let people = try house.people("jdoe", "jane", "joe")
      let client = try client(house)
      #expect(try client.send(plain("jdoe", people[0].password, id: 1)) == "FAIL\t1\tuser=jdoe")
      #expect(try client.send(plain("jdoe", house.string(of: people[0]), id: 2)) == "OK\t2\tuser=jdoe@example.org")
      #expect(try house.lastEvent("door") == "dovecot")
      #expect(try client.send("AUTH\t3\tLOGIN\tservice=smtp\tnologin") == "CONT\t3\tVXNlcm5hbWU6")
      #expect(try client.send("CONT\t3\t" + base64(people[1].mail)) == "CONT\t3\tUGFzc3dvcmQ6")
      #expect(
        try client.send("CONT\t3\t" + base64(house.string(of: people[1]))) == "OK\t3\tuser=jane@example.org")
      #expect(try client.send("AUTH\t4\tPLAIN\tservice=smtp") == "CONT\t4\t")
      let last = "\0\(people[2].mail)\0\(try house.string(of: people[2]))"
      #expect(try client.send("CONT\t4\t" + base64(last)) == "OK\t4\tuser=joe@example.org")
      #expect(try client.send("AUTH\t5\tPLAIN\tresp=" + base64("admin" + last)) == "FAIL\t5\tauthz\tcode=authz_fail")
    }
  }

  @Test("tells what is no wrong password apart: later, and what an account is to whom had both factors right")
  func failures() async throws {
    try await DoorHouse.with { house in
      let people = try house.people("jdoe", "jane")
      let client = try client(house)
      house.proxy.setRule { $0.operation == .searchRequest ? .answer(code: 52) : .pass }
      let later = try client.send(plain("jdoe", house.string(of: people[0]), id: 1))
      #expect(later == "FAIL\t1\tuser=jdoe\treason=The directory is not available now.\ttemp\tcode=temp_fail")
      house.proxy.passAll()
      #expect(try house.daemon.adminClient().send("DEACTIVATE \(people[1].mail)").hasPrefix("OK"))
      #expect(try client.send(plain("jane", "Wr0ng-Password000000", id: 2)) == "FAIL\t2\tuser=jane")
      let disabled = try client.send(plain("jane", house.string(of: people[1]), id: 3))
      #expect(disabled.hasPrefix("FAIL\t3\tuser=jane\treason=Your account has been deactivated."), "\(disabled)")
      #expect(disabled.hasSuffix("\tuser_disabled\tcode=user_disabled"))
    }
  }

  @Test("keeps a source waiting that the client names, and none but that")
  func sources() async throws {
    try await DoorHouse.with { house in
      let person = try house.person()
      let client = try client(house)
      for number in 0..<8 {
        _ = try client.send(plain("nobody\(number)", "Wr0ng-Password000000", id: number, rip: "203.0.113.9"))
      }
      #expect(try house.lastEvent("result") == "source-locked")
      #expect(try house.lastEvent("from") == "203.0.113.9")
      let string = try house.string(of: person)
      #expect(try client.send(plain("jdoe", string, id: 20, rip: "203.0.113.9")).hasPrefix("FAIL\t20\t"))
      #expect(try client.send(plain("jdoe", string, id: 21, rip: "203.0.113.10")).hasPrefix("OK\t21\t"))
    }
  }

  @Test("answers many requests of one connection, each by its id, and none that was cancelled")
  func manyRequests() async throws {
    try await DoorHouse.with(listen: "concurrent = 64") { house in
      let person = try house.person()
      let client = try client(house)
      for id in 1...5 { #expect(try client.send("AUTH\t\(id)\tLOGIN").hasPrefix("CONT\t\(id)\t")) }
      try client.write("CANCEL\t3\n".utf8)
      for id in 6...9 { try client.write((plain("nobody\(id)", "Wr0ng-Password000000", id: id) + "\n").utf8) }
      let failed = try (6...9).map { _ in try client.readLine().split(separator: "\t")[1] }
      #expect(failed.sorted() == ["6", "7", "8", "9"])
      // Who was cancelled is nobody any more; whoever was not goes on.
      try client.write("CONT\t3\tamRvZQ==\n".utf8)
      #expect(try client.send("CONT\t4\tamRvZQ==") == "CONT\t4\tUGFzc3dvcmQ6")
      #expect(try client.send("CONT\t4\t" + base64(house.string(of: person))).hasPrefix("OK\t4\t"))
      for id in 10...71 { #expect(try client.send("AUTH\t\(id)\tLOGIN").split(separator: "\t")[1] == "\(id)") }
      #expect(try client.send("AUTH\t72\tLOGIN").hasSuffix("\ttemp\tcode=temp_fail"))
    }
  }

  static let broken = [
    "VERSION\t2\t0", "AUTH\t1\tPLAIN", "VERSION\t1\t1\nAUTH\tx\tPLAIN", "VERSION\t1\t1\nAUTH\t1\tLOGIN\nAUTH\t1\tLOGIN",
    "VERSION\t1\t1\nAUTH\t1\tPLAIN\tresp=" + String(repeating: "A", count: 4096),
  ]

  @Test("is closed to whoever breaks the protocol", arguments: broken)
  func breaches(lines: String) async throws {
    try await DoorHouse.with { house in
      let client = try LineClient(house.dovecot, greeting: false)
      try client.write("\(lines)\n".utf8)
      #expect(client.isClosed())
      #expect(house.daemon.isAlive)
    }
  }

  @Test(
    "says nothing to a user of the host who is no server of it",
    .enabled(if: geteuid() == 0, "only root can be somebody else"))
  func peers() async throws {
    try await DoorHouse.with { house in
      #expect(chmod(house.dovecot, 0o777) == 0)
      let ask = ["socat", "-t", "30", "-", "UNIX-CONNECT:\(house.dovecot)"]
      let stranger = try Command.run(OtherUser.command[0], OtherUser.command.dropFirst() + ask)
      #expect(stranger.output == "" && stranger.status == 0, "\(stranger)")
      #expect(try Command.run(ask[0], Array(ask.dropFirst())).output.hasSuffix("\nDONE\n"))
    }
  }

  @Test("fails a request that is none, and goes on")
  func malformed() async throws {
    try await DoorHouse.with { house in
      let person = try house.person()
      let client = try client(house)
      #expect(try client.send("AUTH\t1\tGSSAPI\tresp=AAAA") == "FAIL\t1\treason=Unsupported mechanism.")
      #expect(try client.send("AUTH\t2\tPLAIN\tresp=!!!!") == "FAIL\t2\treason=Malformed response.")
      #expect(try client.send(plain("jdoe", house.string(of: person), id: 3)).hasPrefix("OK\t3\t"))
    }
  }
}
