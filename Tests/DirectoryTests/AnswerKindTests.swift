import Fixtures
import Synchronization
import Testing

@testable import Directory

/// LD-09: libldap drops what belongs to no request of its own; what kind of request it was is looked at here.
@Suite("An answer of another kind", .serialized) struct AnswerKindTests {
  @Test("an entry under the message id of a modification ends the connection, and nothing is found or changed")
  func entryOfAModification() async throws {
    try await Slapd.with { slapd in
      try slapd.add(Slapd.account("jdoe"))
      let proxy = try FaultProxy(to: slapd.socket)
      defer { proxy.end() }
      let connection = try await Connection.open(Server(uri: proxy.uri, identity: .external), operationsMax: 8)
      // The modification is held back; what answers the search comes under its id.
      let held = Mutex<Int?>(nil)
      proxy.setRule { frame in
        switch frame.operation {
        case .modifyRequest:
          held.withLock { $0 = frame.id }
          return .drop
        case .searchEntry: return held.withLock { $0 }.map { .replace([frame.numbered($0)]) } ?? .pass
        default: return .pass
        }
      }
      let modification = Task {
        try await connection.modify(dn: Slapd.dn("jdoe"), [.set(.exempt, "TRUE")], if: .isAccount)
      }
      try Fixtures.await("the modification") { held.withLock { $0 } }
      await #expect(throws: DirectoryError.self) {
        try await connection.search(
          Search(base: Slapd.suffix, filter: .isAccount, attributes: [.uid], sizeLimit: 1))
      }
      await #expect(throws: DirectoryError.self) { _ = try await modification.value }
      #expect(await connection.isDead)
    }
  }
}
