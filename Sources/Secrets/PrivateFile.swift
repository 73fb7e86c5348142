internal import Glibc

/// A file with a secret in it, which only its owner may use: root, or the user that runs this.
public enum PrivateFile {
  public struct Failure: Error, Equatable, Sendable {
    /// The error number of the system call that failed; 0 where the file itself is not as it should be.
    public let code: Int32
    public let reason: String
  }

  /// The content. A file that others may use is refused, one of another user, one longer than `max` bytes, and what is
  /// no regular file.
  public static func content(of path: String, max: Int) throws(Failure) -> Secret {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(code: 0, reason: "not a regular file")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw Failure(code: 0, reason: "others than its owner may use it; chmod 0400 \(path)")
    }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw Failure(code: 0, reason: "another user's; run this as the daemon's user, chown the file to it")
    }
    var bytes = [UInt8](repeating: 0, count: max + 1)
    defer { bytes.wipe() }
    var count = 0
    while count < bytes.count {
      let room = bytes.count - count
      let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: count), room) }
      if got == 0 { break }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        throw failure()
      }
    }
    guard count <= max else { throw Failure(code: 0, reason: "larger than \(max / 1024) KiB") }
    return Secret(bytes.prefix(count))
  }

  private static func failure() -> Failure { Failure(code: errno, reason: String(cString: strerror(errno))) }
}
