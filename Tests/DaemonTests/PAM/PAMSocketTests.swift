import Fixtures
import Foundation
import Testing

/// PM-06: passwords go to a socket alone that root or the daemon's user owns, in a folder that is one's, to a process of one.
@Suite("PAM: whose socket it is", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMSocketTests {
  private static let stranger: uid_t = 65534

  private static func code(_ host: PAMHost) throws -> Int? {
    try host.converse("jdoe", PAMFaultTests.answers).code()
  }

  /// A daemon that would let everybody in.
  private static func with(_ options: String = "", _ body: (ScriptedDaemon, PAMHost) throws -> Void) throws {
    let daemon = try ScriptedDaemon(PAMFaultTests.password, PAMFaultTests.totp, PAMFaultTests.good)
    defer { daemon.stop() }
    let host = try PAMHost(socket: daemon.socket, users: ["jdoe"])
    defer { host.end() }
    try host.alone("timeout=5 \(options)")
    #expect(try code(host) == PAMCode.success)
    try body(daemon, host)
    #expect(daemon.connections == 1, "somebody else's socket was connected to")
  }

  @Test("a socket of another user is not connected to") func file() throws {
    try Self.with { daemon, host throws in
      #expect(chown(daemon.socket, Self.stranger, 0) == 0)
      #expect(try Self.code(host) == PAMCode.unavailable)
    }
  }

  @Test("nor one in another user's folder, or in one that others may write to") func folder() throws {
    try Self.with { daemon, host throws in
      #expect(chown(daemon.directory, Self.stranger, 0) == 0)
      #expect(try Self.code(host) == PAMCode.unavailable)
      #expect(chown(daemon.directory, 0, 0) == 0)
      for mode: mode_t in [0o777, 0o775] {
        #expect(chmod(daemon.directory, mode) == 0)
        #expect(try Self.code(host) == PAMCode.unavailable)
      }
    }
  }

  @Test("nor what is no socket, or leads to one") func link() throws {
    try Self.with { daemon, host throws in
      #expect(rename(daemon.socket, daemon.socket + "2") == 0)
      #expect(symlink(daemon.socket + "2", daemon.socket) == 0)
      #expect(try Self.code(host) == PAMCode.unavailable)
    }
  }

  /// What listens is socat, which runs as somebody and hands everything on to a daemon that would let everybody in.
  private static func relay(as uid: uid_t, _ body: (ScriptedDaemon, PAMHost) throws -> Void) throws {
    let daemon = try ScriptedDaemon(PAMFaultTests.password, PAMFaultTests.totp, PAMFaultTests.good)
    defer { daemon.stop() }
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(chmod(daemon.directory, 0o755) == 0 && chmod(daemon.socket, 0o666) == 0)
    #expect(chown(folder, uid, uid) == 0)
    let listener = try Child(
      [
        "setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups", "socat", "UNIX-LISTEN:\(folder)/s,fork",
        "UNIX-CONNECT:\(daemon.socket)",
      ], in: daemon.directory, log: "\(daemon.directory)/log")
    defer { listener.end() }
    try Fixtures.await("socat") { FileManager.default.fileExists(atPath: "\(folder)/s") ? true : nil }
    let host = try PAMHost(socket: "\(folder)/s", users: ["jdoe"])
    defer { host.end() }
    try body(daemon, host)
  }

  @Test("nor is anything said to a process of another user that listens on root's socket") func peer() throws {
    try Self.relay(as: Self.stranger) { daemon, host throws in
      #expect(chown("\(host.socket)", 0, 0) == 0)
      #expect(chown(URL(fileURLWithPath: host.socket).deletingLastPathComponent().path, 0, 0) == 0)
      try host.alone("timeout=5")
      #expect(try Self.code(host) == PAMCode.unavailable)
      #expect(daemon.lines.isEmpty)
    }
  }

  @Test("the daemon's user is one of the host, by the name that daemon= has") func daemonUser() throws {
    let games = try #require(getpwnam("games")).pointee.pw_uid
    try Self.relay(as: games) { daemon, host throws in
      try host.alone("timeout=5")
      #expect(try Self.code(host) == PAMCode.unavailable)
      // A user of the directory cannot be it.
      try host.addUser("impostor", uid: Int(games))
      try host.alone("timeout=5 daemon=impostor")
      #expect(try Self.code(host) == PAMCode.unavailable)
      #expect(daemon.lines.isEmpty)
      try host.alone("timeout=5 daemon=games")
      #expect(try Self.code(host) == PAMCode.success)
    }
  }
}
