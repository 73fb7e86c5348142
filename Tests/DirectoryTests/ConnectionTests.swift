import Fixtures
import Foundation
import SignIn
import Testing

@testable import Directory

@Suite("A connection", .serialized) struct ConnectionTests {
  @Test("of a thousand reads at once, eight under way, each is answered with its own entry")
  func multiplexes() async throws {
    try await Slapd.withAccounts(operationsMax: 8) { slapd, directory in
      try slapd.add((0..<1000).map { Slapd.account("u\($0)") }.joined())
      try await withThrowingTaskGroup(of: (Int, String?).self) { group in
        for number in 0..<1000 {
          group.addTask { (number, try await directory.account("u\(number)@example.org")?.uid) }
        }
        for try await (number, uid) in group { #expect(uid == "u\(number)") }
      }
    }
  }

  @Test("what is more than may wait is refused at once; the others are answered, none with another's entry")
  func boundsWaiting() async throws {
    try await Slapd.withAccounts(operationsMax: 8) { slapd, directory in
      try slapd.add((0..<2000).map { Slapd.account("u\($0)") }.joined())
      let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<2000 {
          group.addTask {
            do {
              let uid = try await directory.account("u\(number)@example.org")?.uid
              #expect(uid == "u\(number)")
              return true
            } catch DirectoryError.busy {
              return false
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(answered >= 1000)
      #expect(try await directory.account("u7")?.uid == "u7")
    }
  }

  @Test("a killed server fails what is under way at once, and the next operation connects anew")
  func survivesDeath() async throws {
    try await Slapd.with { slapd in
      try slapd.add(Slapd.account("jdoe"))
      let server = try Server(uri: slapd.uri, identity: .external, operationSeconds: 300)
      let directory = try openDirectory([server], operationsMax: 4)
      try await directory.ping()
      let connection = try await directory.servers.connection().connection
      slapd.freeze()
      let outcomes = try await withThrowingTaskGroup(of: DirectoryError?.self) { group in
        for _ in 0..<12 {
          group.addTask {
            do throws(DirectoryError) {
              _ = try await connection.search(
                Search(base: Slapd.suffix, filter: .isAccount, attributes: [.uid], sizeLimit: 1))
              return nil
            } catch {
              return error
            }
          }
        }
        // Four are sent, eight wait: both kinds are seen below.
        try await awaitThat("twelve are under way or wait") { await connection.load >= 12 }
        try slapd.kill()
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.count { if case .lost = $0 { true } else { false } } == 4)
      #expect(outcomes.count { if case .unavailable = $0 { true } else { false } } == 8)
      #expect(await connection.isDead)

      await #expect(throws: DirectoryError.self) { try await directory.account("jdoe") }
      try slapd.start()
      #expect(try await directory.account("jdoe")?.uid == "jdoe")
      // Restarted between two reads: the second does not notice.
      try slapd.kill()
      try slapd.start()
      #expect(try await directory.account("jdoe")?.uid == "jdoe")
      await directory.close()
    }
  }

  @Test("a server that stops answering is given up at the deadline, and found again when it thaws")
  func endsHang() async throws {
    try await Slapd.with { slapd in
      try slapd.add(Slapd.account("jdoe"))
      let server = try Server(uri: slapd.uri, identity: .external, connectSeconds: 1, operationSeconds: 1)
      let directory = try openDirectory([server])
      try await directory.ping()
      slapd.freeze()
      let begun = ContinuousClock.now
      await #expect(throws: DirectoryError.self) { try await directory.account("jdoe") }
      #expect(ContinuousClock.now - begun < .seconds(20))
      slapd.thaw()
      #expect(try await directory.account("jdoe")?.uid == "jdoe")
      await directory.close()
    }
  }

  @Test("the servers are tried in their order, and the first that is fit is used")
  func prefersFirst() async throws {
    try await Slapd.with { slapd in
      try slapd.add(Slapd.account("jdoe"))
      let silent = try ScriptedServer { _ in nil }
      defer { silent.end() }
      let servers = [
        try Server(uri: "ldapi://%2Fnonexistent%2Fldapi", identity: .external),
        try Server(uri: "ldap://127.0.0.1:\(silent.port)", identity: .external, connectSeconds: 1),
        try Server(uri: slapd.uri, identity: .external),
      ]
      let directory = try openDirectory(servers)
      #expect(try await directory.account("jdoe")?.uid == "jdoe")
      #expect(try await directory.servers.connection().connection.uri == slapd.uri)
      await directory.close()
    }
  }
}
