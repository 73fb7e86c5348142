internal import Glibc

/// A file of keys, a ``PrivateFile``: how it is read, and how a new one is made.
struct KeyFile {
  struct Failure: Error { let description: String }

  static let maxBytes = 65_536

  let path: String
  /// What names it in the configuration, and what makes a new one: for whoever has to mend it.
  let setting: String
  let madeBy: String

  func read() throws(Failure) -> [UInt8] {
    do throws(PrivateFile.Failure) {
      return try PrivateFile.content(of: path, max: Self.maxBytes).withBytes { Array($0) }
    } catch {
      // Never an invitation to make a new one where there is one that cannot be read.
      let advice =
        switch error.code {
        case ENOENT: "; a new one is made by \(madeBy)"
        case EACCES: "; it has to belong to the user that runs this"
        default: ""
        }
      throw Failure(description: "\(path): \(error.reason) (\(setting)\(advice))")
    }
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

  /// A name is on the disk when its folder is.
  private static func syncFolder(of path: String) -> Bool {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == path.utf8.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return fsync(descriptor) == 0
  }
}
