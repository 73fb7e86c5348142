import Fixtures
import Foundation
import Testing

@Suite("The command line") struct CommandLineTests {
  private func drawbridge(_ arguments: [String], input: String = "") throws -> Command.Result {
    try Command.run(Daemon.binary("drawbridge"), arguments, input: input)
  }

  @Test("a sign-in from lines on standard input; refusals and errors have exit codes of their own")
  func signsIn() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let socket = ["--socket", house.daemon.signin]
      let wrong = try drawbridge(["signin", person.mail] + socket, input: "1\n2\n3\n4\n")
      #expect(wrong.status == 1)
      let code = try person.code(at: house.daemon.time)
      let right = try drawbridge(["signin", person.mail] + socket, input: "\(person.password)\n\(code)\n")
      #expect(right.status == 0, "\(right.errors)")
      #expect((right.output + right.errors).contains("You are signed in."))
      #expect(!(right.output + right.errors).contains(person.password))

      let nowhere = try drawbridge(["signin", person.mail, "--socket", "\(house.daemon.directory)/none"])
      #expect(nowhere.status == 69)
      #expect(nowhere.errors.contains("\(house.daemon.directory)/none"))
      #expect(try drawbridge(["signin"]).status == 64)
    }
  }

  @Test("administration, for people and as JSON")
  func administers() async throws {
    try await House.with { house in
      let socket = ["--socket", house.daemon.admin]
      let invited = try drawbridge(
        ["user", "invite", "a@example.org", "--uid", "a", "--cn", "A", "--sn", "A"] + socket)
      #expect(invited.status == 0, "\(invited.errors)")
      let shown = try drawbridge(["user", "show", "a@example.org", "--json"] + socket)
      let json = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
      #expect((json?["fields"] as? [String: Any])?["state"] as? String == "invited")
      #expect(try drawbridge(["user", "reactivate", "a@example.org"] + socket).status == 1)
      #expect(try drawbridge(["sweep", "--dry-run"] + socket).status == 0)
      #expect(try drawbridge(["user", "show", "a@example.org", "--socket", house.daemon.signin]).status != 0)
    }
  }

  @Test("an unusable configuration or key ring is one clear error, and no start")
  func refusesToStart() throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func check(_ toml: String) throws -> Command.Result {
      try toml.write(toFile: "\(folder)/c.toml", atomically: true, encoding: .utf8)
      return try Command.run(Daemon.binary("drawbridged"), ["--check-config", "--config", "\(folder)/c.toml"])
    }
    let mail = "[mail]\nserver = \"off\"\n"
    let unknown = try check("[directory]\nbase = \"dc=x\"\nbind-dm = \"cn=x\"\n\(mail)")
    #expect(unknown.status == 78)
    #expect(unknown.errors.contains("c.toml:3:") && unknown.errors.contains("bind-dn"))

    let ring = try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", "\(folder)/keys"])
    #expect(ring.status == 0)
    #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", "\(folder)/keys"]).status == 73)
    let good = "[directory]\nbase = \"dc=x\"\n\(mail)[keys]\nring = \"\(folder)/keys\"\n"
    #expect(try check(good).status == 0)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder)/keys")
    let loose = try check(good)
    #expect(loose.status == 78)
    #expect(loose.errors.contains("chmod 0400"))
  }

  @Test(
    "a socket that cannot be made ends the daemon with what to change",
    arguments: [
      ("path = \"FOLDER/none/s.sock\"", "its folder must be there"),
      ("path = \"FOLDER/s.sock\"\ngroup = \"no-such-group\"", "no-such-group: there is no such group (listen.group)"),
    ])
  func namesTheSocketsFault(listener: String, advice: String) throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", "\(folder)/keys"]).status == 0)
    let toml = """
      [directory]
      base = "dc=x"
      uris = ["ldapi://%2Fnowhere"]
      [mail]
      server = "off"
      [keys]
      ring = "\(folder)/keys"
      [[listen]]
      \(listener.replacingOccurrences(of: "FOLDER", with: folder))
      """
    try toml.write(toFile: "\(folder)/c.toml", atomically: true, encoding: .utf8)
    let started = try Command.run(Daemon.binary("drawbridged"), ["--config", "\(folder)/c.toml"])
    #expect(started.status == 1)
    #expect(started.errors.contains(advice))
    #expect(!started.errors.contains("Success"))
  }
}
