internal import Glibc

/// A file that holds a password and nothing else; the password itself is never in the configuration.
public struct PasswordFile: Sendable, Hashable {
  public static let passwordMaxBytes = 1_024

  public let path: String

  /// The content without one line break at its end. A password of blanks alone is refused as an empty one is, a bind
  /// with which is an anonymous one that succeeds (RFC 4513, section 5.1.2); so is a NUL, which would end it early,
  /// and a file that everybody may read.
  public func bytes() throws(ConfigurationError) -> [UInt8] {
    var password: [UInt8]
    do { password = try File.bytes(of: path, max: Self.passwordMaxBytes, forbidden: 0o027) } catch {
      throw ConfigurationError(Problem(file: path, message: error.description))
    }
    if password.last == 0x0A { password.removeLast() }
    if password.last == 0x0D { password.removeLast() }
    guard !password.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) else {
      throw ConfigurationError(Problem(file: path, message: "the password is empty"))
    }
    guard !password.contains(0) else {
      throw ConfigurationError(Problem(file: path, message: "the password holds a NUL"))
    }
    return password
  }
}

/// A file that belongs to the configuration, such as the texts of a language.
public enum ConfigurationFile {
  public static func bytes(of path: String, max: Int) throws(ConfigurationError) -> [UInt8] {
    do { return try File.bytes(of: path, max: max) } catch {
      throw ConfigurationError(Problem(file: path, message: error.description))
    }
  }
}

enum File {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameter forbidden: bits of the mode that the file must not have.
  static func bytes(of path: String, max: Int, forbidden: mode_t = 0) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)  // a FIFO must not hold the start up
    guard descriptor >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & forbidden == 0 else {
      let bits = String(forbidden, radix: 8)
      throw Failure(description: "others may use it: its mode must have none of the bits 0\(bits), as 0640 has none")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= max else { throw Failure(description: "longer than \(max) bytes") }
    }
  }

  static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }
}
