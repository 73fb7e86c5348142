internal import Foundation

/// A door to a daemon's socket through which clients come as another user of the host (SO_PEERCRED, unix(7)): socat,
/// which runs as `nobody`, is the peer that the daemon sees. Needs root.
public final class OtherUser {
  public static let uid: UInt32 = 65534
  /// Runs what follows as that user.
  public static let command = ["setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups"]

  private let directory: String
  private let child: Child
  private var socket: String { "\(directory)/door" }

  public init(at daemon: Daemon) throws {
    directory = try temporaryDirectory()
    // The folders of fixtures are their owner's alone.
    guard chmod(daemon.directory, 0o711) == 0, chown(directory, OtherUser.uid, OtherUser.uid) == 0 else {
      throw FixtureError("\(directory): \(errno)")
    }
    child = try Child(
      OtherUser.command + ["socat", "UNIX-LISTEN:\(directory)/door,fork,backlog=64", "UNIX-CONNECT:\(daemon.signin)"],
      in: daemon.directory, log: "\(daemon.directory)/socat.log")
    try Fixtures.await("the door at \(socket)") { FileManager.default.fileExists(atPath: socket) ? true : nil }
  }

  /// A connection of that user; its greeting is not read.
  public func client() throws -> LineClient { try LineClient(socket, greeting: false) }

  public func end() {
    child.end()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
