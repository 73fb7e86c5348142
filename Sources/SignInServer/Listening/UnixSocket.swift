internal import Configuration
internal import Glibc

/// The file of a Unix socket: made with its mode from the first moment, and never over somebody else's file.
struct UnixSocket {
  struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }

  /// A listening socket.
  static func open(_ listener: Listener) throws(Failure) -> Int32 {
    guard let address = sockaddr_un(path: Array(listener.path.utf8)) else {
      throw Failure(text: "\(listener.path): the path of a Unix socket holds 107 bytes (listen.path)")
    }
    let group = try listener.group.map(Self.groupID)
    try removeStale(listener.path, address)

    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(listener.path) }
    // A Unix socket's file takes the mode of the socket at bind(2): nobody's, until owner and mode are set.
    guard fchmod(descriptor, 0) == 0,
      withSocketAddress(address, { Glibc.bind(descriptor, $0, $1) }) == 0, chown(listener.path, group),
      chmod(listener.path, listener.mode) == 0,
      listen(descriptor, 128) == 0
    else {
      let failed = failure(listener.path)
      close(descriptor)
      throw failed
    }
    return descriptor
  }

  /// Only a socket that nobody answers on, and that is root's or our own, is removed.
  private static func removeStale(_ path: String, _ address: sockaddr_un) throws(Failure) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() || status.st_uid == 0 else {
      throw Failure(text: "\(path): there is something else at the socket's place (listen.path)")
    }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { throw failure(path) }
    defer { close(probe) }
    guard withSocketAddress(address, { Glibc.connect(probe, $0, $1) }) != 0 else {
      throw Failure(text: "\(path): another process answers there already (listen.path)")
    }
    guard unlink(path) == 0 else { throw failure(path) }
  }

  private static func groupID(_ name: String) throws(Failure) -> gid_t {
    guard let entry = getgrnam(name) else { throw Failure(text: "\(name): there is no such group (listen.group)") }
    return entry.pointee.gr_gid
  }

  private static func chown(_ path: String, _ group: gid_t?) -> Bool {
    guard let group else { return true }
    return Glibc.chown(path, geteuid(), group) == 0
  }

  private static func failure(_ path: String) -> Failure {
    let what =
      switch errno {
      case ENOENT: "its folder must be there (listen.path)"
      case EACCES: "the daemon must be able to write to its folder (listen.path)"
      case EPERM: "the daemon must be a member of its group (listen.group)"
      default: "listen.path, listen.group"
      }
    return Failure(text: "\(path): \(String(cString: strerror(errno))): \(what)")
  }
}
