internal import Glibc

/// A file of keys, which only its owner may read: root, or the user that runs this.
public struct KeyFile {
  public struct Failure: Error { public let description: String }

  static let maxBytes = 65_536

  let path: String
  /// What names it in the configuration, and what makes a new one: for whoever has to mend it.
  let setting: String
  let madeBy: String?

  /// Root edits the file of the daemon's user; the daemon itself trusts none but root's and its own.
  private let rootTakesAnybodys: Bool

  public init(path: String, setting: String, madeBy: String? = nil, rootTakesAnybodys: Bool = false) {
    self.rootTakesAnybodys = rootTakesAnybodys
    self.path = path
    self.setting = setting
    self.madeBy = madeBy
  }

  /// The content; 64 KiB at the most.
  public func secret() throws(Failure) -> Secret {
    var bytes = try read()
    defer { bytes.wipe() }
    return Secret(bytes)
  }

  func read() throws(Failure) -> [UInt8] {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else {
      // Never an invitation to make a new one where there is one that cannot be read.
      let advice =
        switch errno {
        case ENOENT: madeBy.map { "; a new one is made by \($0)" } ?? ""
        case EACCES: "; it has to belong to the user that runs this"
        default: ""
        }
      throw Failure(description: "\(path): \(String(cString: strerror(errno))) (\(setting)\(advice))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(description: "\(path): not a regular file (\(setting))")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw Failure(description: "\(path): others than its owner may use it (\(setting)); chmod 0400 \(path)")
    }
    guard status.st_uid == 0 || status.st_uid == geteuid() || rootTakesAnybodys && geteuid() == 0 else {
      throw Failure(
        description: "\(path): another user's (\(setting)); run this as the daemon's user, chown the file to it")
    }
    var bytes = [UInt8](repeating: 0, count: Self.maxBytes + 1)
    defer { bytes.wipe() }
    var count = 0
    while count < bytes.count {
      let room = bytes.count - count
      let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), room) }
      if got == 0 { break }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        throw Failure(description: "\(path): \(String(cString: strerror(errno))) (\(setting))")
      }
    }
    guard count <= Self.maxBytes else { throw Failure(description: "\(path): larger than 64 KiB (\(setting))") }
    return Array(bytes.prefix(count))
  }

  /// Makes a new file; never over an existing one.
  static func create(path: String, _ text: [UInt8]) throws(Failure) {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0, syncFolder(of: path) else {
      let why = String(cString: strerror(errno))
      unlink(path)
      throw Failure(description: "\(path): \(why)")
    }
  }

  static func folder(of path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { $0 == path.utf8.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// A name is on the disk when its folder is.
  static func syncFolder(of path: String) -> Bool {
    let descriptor = Glibc.open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }
}
