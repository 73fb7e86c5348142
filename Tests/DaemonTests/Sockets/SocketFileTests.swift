import Fixtures
import Foundation
import Synchronization
import Testing

/// PR-09: a socket's file has its mode from the first moment, and never takes the place of somebody else's.
@Suite("The file of a socket", .serialized) struct SocketFileTests {
  private static func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  /// A daemon that has stopped and left its places.
  private static func stopped(_ body: (Daemon) async throws -> Void) async throws {
    try await House.with { house in
      try house.daemon.terminate()
      try await body(house.daemon)
    }
  }

  private static func expectRefusal(_ daemon: Daemon, _ why: String) throws {
    #expect(throws: FixtureError.self) { try daemon.start() }
    #expect(!daemon.isAlive)
    #expect(daemon.log.contains("\(daemon.signin): \(why)"), "\(daemon.log)")
  }

  @Test("is everybody's to sign in by, and the daemon's user's alone to administer by")
  func modes() async throws {
    try await House.with { house in
      let modes = try [house.daemon.signin, house.daemon.admin].map(Self.mode)
      #expect(modes == [0o666, 0o600])
    }
  }

  @Test("that cannot be made is an error, whoever is connecting to another one")
  func clientsMeanwhile() async throws {
    try await Self.stopped { daemon in
      try "kept".write(toFile: daemon.admin, atomically: true, encoding: .utf8)
      for _ in 0..<10 {
        let isOver = Mutex(false)
        let clients = Thread {
          while !isOver.withLock({ $0 }) { _ = try? LineClient(daemon.signin, greeting: false) }
        }
        clients.start()
        #expect(throws: FixtureError.self) { try daemon.start() }
        isOver.withLock { $0 = true }
        #expect(!daemon.log.contains("Fatal error"), "\(daemon.log)")
        #expect(!FileManager.default.fileExists(atPath: daemon.signin))
      }
      #expect(daemon.log.contains("\(daemon.admin): there is something else at the socket's place"))
    }
  }

  @Test("does not replace what is no socket, nor what a link leads to", arguments: ["file", "link", "dangling link"])
  func noSocket(kind: String) async throws {
    try await Self.stopped { daemon in
      let (path, other) = (daemon.signin, "\(daemon.directory)/other")
      let files = FileManager.default
      let descriptor = try UnixStream.bind(other)
      close(descriptor)
      if kind == "dangling link" { try files.removeItem(atPath: other) }
      if kind == "file" {
        try "kept".write(toFile: path, atomically: true, encoding: .utf8)
      } else {
        try files.createSymbolicLink(atPath: path, withDestinationPath: other)
      }
      try Self.expectRefusal(daemon, "there is something else at the socket's place")
      if kind == "file" {
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
      } else {
        #expect(try files.destinationOfSymbolicLink(atPath: path) == other)
      }
    }
  }

  @Test(
    "does not replace a stranger's socket, though nobody answers there",
    .enabled(if: geteuid() == 0, "only root can give a file away"))
  func strangers() async throws {
    try await Self.stopped { daemon in
      let descriptor = try UnixStream.bind(daemon.signin)
      close(descriptor)
      #expect(chown(daemon.signin, 65_534, 65_534) == 0)
      try Self.expectRefusal(daemon, "there is something else at the socket's place")
      #expect(try FileManager.default.attributesOfItem(atPath: daemon.signin)[.ownerAccountID] as? Int == 65_534)
    }
  }

  @Test("does not replace a socket that somebody answers on, and replaces one that is left over")
  func leftOver() async throws {
    try await Self.stopped { daemon in
      let descriptor = try UnixStream.bind(daemon.signin)
      #expect(listen(descriptor, 8) == 0)
      let other = Thread {
        while case let peer = accept(descriptor, nil, nil), peer >= 0 { close(peer) }
        close(descriptor)
      }
      other.start()
      try Self.expectRefusal(daemon, "another process answers there already")
      shutdown(descriptor, Int32(SHUT_RDWR))
      try Fixtures.await("the end of the other") { other.isFinished ? true : nil }
      try daemon.start()
      #expect(try daemon.client().send("PING") == "OK pong")
    }
  }
}
