import Fixtures
import Foundation
import Secrets
import Synchronization
import Testing

@testable import Directory

/// LD-07: what each of the limits holds, with the others out of the way.
@Suite("A host that answers nothing", .serialized) struct TimeLimitTests {
  /// Counts the servers that were tried in vain.
  private final class Tries: DirectoryObserver {
    private let failures = Mutex(0)
    var count: Int { failures.withLock { $0 } }
    func connected(to uri: String) {}
    func failed(_ uri: String) { failures.withLock { $0 += 1 } }
    func foundNone() {}
    func ended(_ operation: DirectoryOperation, _ result: DirectoryOperation.Result, after duration: Duration) {}
  }

  private func directory(
    on hosts: FaultyPort..., times count: Int = 1, connectSeconds: Double, totalSeconds: Double, _ tries: Tries
  ) throws -> AccountDirectory {
    let servers = try hosts.flatMap { host in
      try (0..<count).map { _ in
        try Server(
          uri: "ldap://127.0.0.1:\(host.port)",
          identity: .simple(dn: Slapd.daemon, password: Secret(Array("daemon-secret".utf8))),
          connectSeconds: connectSeconds, operationSeconds: 1)
      }
    }
    return try openDirectory(servers, totalSeconds: totalSeconds, observer: tries)
  }

  private static let manners: [FaultyPort.Manner] = [.blackHole, .silent]

  @Test("is given up by the limit for one server", arguments: manners)
  func oneServer(manner: FaultyPort.Manner) async throws {
    let host = try FaultyPort(manner)
    defer { host.end() }
    let tries = Tries()
    let directory = try directory(on: host, connectSeconds: 1, totalSeconds: 60, tries)
    let begun = ContinuousClock.now
    await #expect(throws: DirectoryError.self) { try await directory.ping() }
    #expect(ContinuousClock.now - begun < .seconds(30))
    #expect(tries.count == 1)
    await directory.close()
  }

  @Test("ends the search for another one while an answer can still come in time", arguments: manners)
  func severalServers(manner: FaultyPort.Manner) async throws {
    let host = try FaultyPort(manner)
    defer { host.end() }
    let tries = Tries()
    // Two seconds a server, and three left for them.
    let directory = try directory(on: host, times: 20, connectSeconds: 1, totalSeconds: 6, tries)
    await #expect(throws: DirectoryError.self) { _ = try await directory.servers.connection() }
    #expect((1...3).contains(tries.count))
    await directory.close()
  }

  @Test("is given up by the limit for all that one request does", arguments: manners)
  func inAll(manner: FaultyPort.Manner) async throws {
    let host = try FaultyPort(manner)
    defer { host.end() }
    let directory = try directory(on: host, connectSeconds: 60, totalSeconds: 2, Tries())
    let begun = ContinuousClock.now
    await #expect {
      try await directory.ping()
    } throws: {
      ($0 as? DirectoryError)?.text.contains("directory.total-timeout") == true
    }
    #expect(ContinuousClock.now - begun < .seconds(30))
    await directory.close()
  }
}
