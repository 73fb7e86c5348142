import Fixtures
import Foundation
import Testing

/// What systemd and the daemon tell each other, with systemd's own `systemd-socket-activate` and `systemd-analyze`.
@Suite("Under a service manager") struct SupervisionTests {
  private static func terminate(_ daemon: Daemon) throws {
    #expect(kill(daemon.pid, SIGTERM) == 0)
    try Fixtures.await("the daemon's end", within: 60) { daemon.isAlive ? nil : true }
  }

  @Test("says that it is ready, that it lives, and that it stops, whether the directory is there or not")
  func tells() async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try NotifySocket("\(folder)/notify")
    try await Slapd.with { slapd in
      let manager = ["env", "NOTIFY_SOCKET=\(socket.name)", "WATCHDOG_USEC=1500000"]
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil, under: manager)
      defer { daemon.end() }
      #expect(try socket.next() == ["READY=1", "STATUS=serving"])
      #expect(try socket.next() == ["WATCHDOG=1", "STATUS=serving; directory \(slapd.uri)"])
      try slapd.kill()
      try Fixtures.await("the word that the directory is down") {
        let told = try socket.next()
        return told.first == "WATCHDOG=1" && told.last?.contains("the directory is down") == true ? true : nil
      }
      try Self.terminate(daemon)
      try Fixtures.await("STOPPING=1") { try socket.next().first == "STOPPING=1" ? true : nil }
    }
  }

  @Test("serves on the sockets that it is handed, and leaves them where they are")
  func isHandedSockets() async throws {
    let activate = [
      "sh", "-c",
      "exec systemd-socket-activate -E DRAWBRIDGE_INACTIVITY_RECORDS -l $PWD/signin.sock -l $PWD/admin.sock \"$@\"",
      "sh",
    ]
    try await Slapd.with { slapd in
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil, under: activate)
      defer { daemon.end() }
      #expect(try daemon.client().send("SIGNIN jdoe@example.org").hasPrefix("ASK password"))
      #expect(try daemon.adminClient().send("STATUS").hasPrefix("OK status"))
      try Self.terminate(daemon)
      #expect(FileManager.default.fileExists(atPath: daemon.signin))
      #expect(FileManager.default.fileExists(atPath: daemon.admin))
    }
  }

  @Test("does not start where a socket is held that it would not serve, and names it")
  func isHandedMore() async throws {
    let activate = [
      "sh", "-c",
      """
      exec systemd-socket-activate -E DRAWBRIDGE_INACTIVITY_RECORDS -l $PWD/signin.sock -l $PWD/admin.sock \
      -l $PWD/other.sock "$@"
      """,
      "sh",
    ]
    try await Slapd.with { slapd in
      // The manager lets clients in before anybody is there to serve them.
      let refused = #expect(throws: FixtureError.self) {
        try Daemon(directory: slapd.uri, mailPort: nil, under: activate).client().send("PING")
      }
      let why = refused.map(\.description) ?? ""
      #expect(why.contains("/other.sock: the service manager holds"), "\(why)")
    }
  }

  @Test("may do little: exposed by 1.5 at the most", arguments: ["drawbridged.service", "drawbridged@x.service"])
  func exposure(_ unit: String) throws {
    let root = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: root) }
    let units = "\(root)/usr/lib/systemd/system"
    for name in ["drawbridged.service", "drawbridged@.service"] {
      try FileManager.default.createDirectory(atPath: "\(units)/\(name).d", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(repository)/systemd/\(name)", toPath: "\(units)/\(name)")
      try FileManager.default.copyItem(
        atPath: "\(repository)/systemd/sandbox.conf", toPath: "\(units)/\(name).d/sandbox.conf")
    }
    let told = try Command.run(
      "systemd-analyze", ["security", "--offline=yes", "--threshold=15", "--no-pager", "--root=\(root)", unit])
    #expect(told.status == 0, "\(told.output)\(told.errors)")
  }
}
