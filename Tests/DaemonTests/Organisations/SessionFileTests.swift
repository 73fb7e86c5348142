import Fixtures
import Foundation
import Testing

@Suite("The command line of an organisation's administrator") struct SessionFileTests {
  private func drawbridge(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Command.Result {
    let settings = environment.map { "\($0.key)=\($0.value)" }
    return try Command.run("/usr/bin/env", settings + [Daemon.binary("drawbridge")] + arguments, input: input)
  }

  private func signIn(_ person: Person, _ file: String, _ town: Neighbourhood) throws -> Command.Result {
    let daemon = town.house.daemon
    return try drawbridge(
      ["signin", person.mail, "--service", "admin", "--session-file", file, "--socket", daemon.signin],
      input: "\(person.password)\n\(person.code(at: daemon.time))\n")
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test("a session in a file of mode 0600 administers the own accounts; it shows nowhere else")
  func administers() async throws {
    try await Neighbourhood.with { town in
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let file = "\(folder)/session"
      try "old".write(toFile: file, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
      let signedIn = try signIn(town.anna, file, town)
      #expect(signedIn.status == 0, "\(signedIn.errors)")
      let token = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .newlines)
      #expect(token.utf8.count > 100 && !(signedIn.output + signedIn.errors).contains(token))
      #expect(try mode(file) == 0o600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["session"])

      let socket = ["--socket", town.house.daemon.signin]
      let named = socket + ["--session-file", file]
      let shown = try drawbridge(["user", "show", town.alice.mail] + named)
      #expect(shown.status == 0 && shown.output.contains("active"), "\(shown.errors)")
      #expect(try drawbridge(["user", "show", town.greta.mail] + named).status == 1)
      #expect(try drawbridge(["user", "invite", "new@example.org"] + named).status == 0)
      #expect(try town.house.slapd.entry("uid=new,\(Neighbours.acme)") != nil)
      let variable = ["DRAWBRIDGE_SESSION": token, "DRAWBRIDGE_SOCKET": town.house.daemon.signin]
      #expect(try drawbridge(["user", "show", town.alice.mail], environment: variable).status == 0)
      #expect(try drawbridge(["user", "show", town.alice.mail] + socket).status == 76)  // without a session
    }
  }

  @Test("a file that others may read, a link, a folder, or what holds no token is not used")
  func refusesFiles() async throws {
    try await Neighbourhood.with { town in
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let file = "\(folder)/session"
      #expect(try signIn(town.anna, file, town).status == 0)
      func show(_ path: String) throws -> Command.Result {
        try drawbridge(
          ["user", "show", town.alice.mail, "--socket", town.house.daemon.signin, "--session-file", path])
      }
      #expect(try show(file).status == 0)
      for mode in [0o640, 0o604, 0o620] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        let refused = try show(file)
        #expect(refused.status == 66 && refused.errors.contains(file), "\(refused.errors)")
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: file)
      for path in ["\(folder)/link", folder, "\(folder)/none"] { #expect(try show(path).status == 66, "\(path)") }
      for text in ["", "two words", String(repeating: "A", count: 1025)] {
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        #expect(try show(file).status == 66, "\(text.prefix(20))")
      }
    }
  }

  @Test("where the file cannot be made, nobody is asked for anything; a refused sign-in leaves the old one")
  func keepsFiles() async throws {
    try await Neighbourhood.with { town in
      let folder = try temporaryDirectory()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let nowhere = try signIn(town.anna, "\(folder)/none/session", town)
      #expect(nowhere.status == 73 && !nowhere.errors.contains("Password"), "\(nowhere.errors)")
      #expect(try town.house.slapd.entry(town.anna)["drawbridgelastsignin"] == nil)
      let file = "\(folder)/session"
      #expect(try signIn(town.anna, file, town).status == 0)
      let before = try String(contentsOfFile: file, encoding: .utf8)
      var stranger = town.anna
      stranger.password = "wrong"
      #expect(try signIn(stranger, file, town).status == 1)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["session"])
    }
  }
}
