import Glibc

/// A file with the token of a session, which is as good as a password while it lasts: of the user alone, and never half
/// written. The token has no other way in or out but `DRAWBRIDGE_SESSION`; a command line is for all users to see.
struct SessionFile {
  struct Failure: Error { let text: String }

  private static let variable = "DRAWBRIDGE_SESSION"
  static let tokenMaxBytes = 1024

  let path: String

  // MARK: Reading

  /// The token of the file, else of the environment; nil where neither is named.
  static func token(_ path: String?) throws(Failure) -> [UInt8]? {
    if let path { return try SessionFile(path: path).read() }
    guard let value = getenv(variable), value.pointee != 0 else { return nil }
    return try token(in: Array(String(cString: value).utf8), from: "$\(variable)")
  }

  private func read() throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(text: "\(path) is no file.")
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw Failure(text: "\(path) may be read by others, or is somebody else's: sign in again with --session-file.")
    }
    var bytes = [UInt8](repeating: 0, count: Self.tokenMaxBytes + 2)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw failure() }
    let line = bytes.prefix(count)
    return try Self.token(in: Array(line.last == 0x0A ? line.dropLast() : line), from: path)
  }

  private static func token(in bytes: [UInt8], from place: String) throws(Failure) -> [UInt8] {
    let isToken =
      (1...tokenMaxBytes).contains(bytes.count)
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
      }
    guard isToken else { throw Failure(text: "\(place) holds no token of a session.") }
    return bytes
  }

  // MARK: Writing

  /// A new file beside the one that it will replace; gone again unless ``keep(_:)`` was called.
  final class Draft {
    private let path: String
    private let draft: String
    private let descriptor: Int32
    private var isKept = false

    init(_ file: SessionFile) throws(Failure) {
      path = file.path
      // mkstemp(3) puts letters in the place of these.
      var template = Array("\(path).XXXXXX".utf8CString)
      descriptor = mkstemp(&template)  // O_EXCL, mode 0600
      draft = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard descriptor >= 0 else { throw file.failure() }
    }

    /// Puts the file with the token in the place of what was there.
    func keep(_ token: [UInt8]) throws(Failure) {
      let line = token + [0x0A]
      guard fchmod(descriptor, 0o600) == 0, write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0,
        rename(draft, path) == 0
      else { throw SessionFile(path: path).failure() }
      isKept = true
    }

    deinit {
      guard descriptor >= 0 else { return }
      close(descriptor)
      if !isKept { unlink(draft) }
    }
  }

  /// The file is gone, whether it was there or not.
  func remove() throws(Failure) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure() }
  }

  private func failure() -> Failure { Failure(text: "\(path): \(String(cString: strerror(errno))).") }
}
