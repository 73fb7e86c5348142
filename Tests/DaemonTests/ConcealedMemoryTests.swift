import Fixtures
import Foundation
import Testing

@Suite("The memory of the daemon", .enabled(if: geteuid() == 0)) struct ConcealedMemoryTests {
  /// proc(5): what stands in /proc/PID belongs to root, not to the process's user, where it must not be dumped.
  private func owner(of pid: Int32) throws -> uid_t? {
    var status = stat()
    return lstat("/proc/\(pid)/environ", &status) == 0 ? status.st_uid : nil
  }

  @Test("is for no debugger of its own user, and for no core file")
  func concealed() throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The key ring is its owner's: made by the user who runs the daemon.
    #expect(chown(folder, OtherUser.uid, OtherUser.uid) == 0)
    let program = try Daemon.binary("drawbridged")
    let made = try Command.run(
      OtherUser.command[0], OtherUser.command.dropFirst() + [program, "--make-key-ring", "\(folder)/keys"])
    #expect(made.status == 0, "\(made.errors)")
    let config = """
      [directory]
      base = "dc=example,dc=org"
      [keys]
      ring = "\(folder)/keys"
      [mail]
      server = "off"
      [[listen]]
      path = "\(folder)/s"
      role = "signin"

      """
    try config.write(toFile: "\(folder)/d.toml", atomically: true, encoding: .utf8)
    let daemon = try Child(
      OtherUser.command + [program, "--config", "\(folder)/d.toml"], in: folder, log: "\(folder)/log")
    defer { daemon.end() }
    // What the kernel says of another program of that user.
    let other = try Child(OtherUser.command + ["sleep", "60"], in: folder, log: "\(folder)/log")
    defer { other.end() }
    try Fixtures.await("the daemon") { (try? LineClient("\(folder)/s")) != nil ? true : nil }
    try Fixtures.await("the other program") { try owner(of: other.pid) == OtherUser.uid ? true : nil }
    #expect(try owner(of: daemon.pid) == 0)
    let limits = try String(contentsOfFile: "/proc/\(daemon.pid)/limits", encoding: .utf8)
    let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
    #expect(core.split(separator: " ").suffix(3) == ["0", "0", "bytes"])
  }
}
