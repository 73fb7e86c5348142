import Fixtures
import Foundation
import Testing

/// The programs of `docs/clients`, as somebody would copy them: run against a real daemon.
@Suite("A client to copy", .serialized) struct ClientProgramTests {
  enum Language: String, CaseIterable {
    case sh, py, c, swift

    var source: String { "\(repository)/docs/clients/signin.\(rawValue)" }

    /// The command that runs it, compiled into a folder where it has to be.
    func command(in folder: String) throws -> [String] {
      let program = "\(folder)/signin"
      switch self {
      case .sh: return ["sh", source]
      case .py: return ["python3", source]
      case .c: try run(["cc", "-Wall", "-Wextra", "-Werror", "-O2", "-o", program, source])
      case .swift: try run(["swiftc", "-warnings-as-errors", "-o", program, source])
      }
      return [program]
    }

    private func run(_ compiler: [String]) throws {
      let made = try Command.run(compiler[0], Array(compiler.dropFirst()), within: 300)
      guard made.status == 0 else { throw FixtureError("\(compiler[0]): \(made.errors)\(made.output)") }
    }
  }

  @Test("signs in, shows what it is told, and says how it went", arguments: Language.allCases)
  func works(language: Language) async throws {
    let lines = try String(contentsOfFile: language.source, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count - 1 <= 40)
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let command = try language.command(in: folder)
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      func run(_ login: String, _ answers: [String], at socket: String) throws -> (status: Int32, shown: String) {
        let result = try Command.run(
          command[0], command.dropFirst() + [login], input: answers.map { $0 + "\n" }.joined(),
          environment: ["DRAWBRIDGE_SOCKET": socket])
        return (result.status, result.output + result.errors)
      }
      let code = try person.code(at: house.daemon.time)
      // One wrong answer, and one with a space in it: both are sent as they are.
      let signedIn = try run(person.mail, ["Str0ng Enough", person.password, code], at: house.daemon.signin)
      #expect(signedIn.status == 0, "\(signedIn)")
      for text in ["Password", "Wrong password. Password", "Enter the verification code", "You are signed in."] {
        #expect(signedIn.shown.contains(text), "\(text) in \(signedIn)")
      }
      #expect(!signedIn.shown.contains(person.password) && !signedIn.shown.contains(code))
      try Fixtures.await("the service in the audit") { house.daemon.log.contains("service=example") ? true : nil }

      let refused = try run("nobody %=@example.org", (1...5).map { "wrong \($0)" }, at: house.daemon.signin)
      #expect(refused.status == 1 && refused.shown.contains("Sign-in failed."), "\(refused)")
      // The input ends, and there is no daemon.
      #expect(try run(person.mail, [], at: house.daemon.signin).status == 2)
      #expect(try run(person.mail, [], at: "\(folder)/none").status == 2)
    }
  }
}
