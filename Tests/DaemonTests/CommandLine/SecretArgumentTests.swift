import Fixtures
import Foundation
import Testing

/// Other users of the host see every command line.
@Suite("No secret in a command line") struct SecretArgumentTests {
  private struct Call: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable { let name: String }
      let names: [Name]?
      let valueName: String?
      let kind: String
    }
    let commandName: String
    let arguments: [Argument]?
    let subcommands: [Call]?

    var all: [Call] { [self] + (subcommands ?? []).flatMap(\.all) }
  }

  private struct Dump: Decodable { let command: Call }

  @Test(
    "no option and no argument takes a password, a hash, a code or a key", arguments: ["drawbridge", "drawbridged"])
  func options(binary: String) throws {
    let dump = try Command.run(Daemon.binary(binary), ["--experimental-dump-help"])
    let commands = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command.all
    #expect(commands.count > (binary == "drawbridge" ? 15 : 0))
    let forbidden = ["password", "hash", "secret", "code", "totp", "otp", "token", "pin"]
    for command in commands {
      for argument in command.arguments ?? [] {
        let names = (argument.names ?? []).map(\.name) + [argument.valueName ?? ""]
        for name in names { #expect(!forbidden.contains(name), "\(command.commandName) takes \(name)") }
      }
    }
  }

  @Test("hashes on the standard input are seen in no command line while they are imported")
  func whileImporting() async throws {
    try await House.with { house in
      let mark = "bm90LXNlZW4tYnktYW55Ym9keQ"
      let rows = (0..<200).map { "u\($0)@example.org,{SSHA}\(mark)AAAAAAAAAA\n" }
      let seen = Sightings()
      let watch = Thread {
        while !seen.isOver { seen.look(for: mark, and: "drawbridge") }
      }
      watch.start()
      let done = try house.drawbridge("user", "import", "--csv", "-", input: "mail,hash\n" + rows.joined())
      seen.isOver = true
      #expect(done.status == 0, "\(done.errors)")
      #expect(seen.commands > 0, "nothing was watched")
      #expect(seen.secrets == 0)
    }
  }

  private final class Sightings: @unchecked Sendable {
    private let lock = NSLock()
    private var over = false
    private(set) var commands = 0
    private(set) var secrets = 0
    var isOver: Bool {
      get { lock.withLock { over } }
      set { lock.withLock { over = newValue } }
    }

    func look(for secret: String, and command: String) {
      for pid in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(pid) != nil {
        guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { continue }
        let text = String(decoding: line, as: UTF8.self)
        lock.withLock {
          if text.contains("user\0import") { commands += 1 }
          if text.contains(secret) { secrets += 1 }
        }
      }
    }
  }
}
