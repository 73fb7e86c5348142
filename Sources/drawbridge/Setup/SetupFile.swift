import Glibc

/// Small files that setup writes: whole, of one mode from their first moment, and over no other file.
enum SetupFile {
  static func write(
    _ text: String, to path: String, mode: mode_t, owner: uid_t? = nil, group: gid_t? = nil
  ) throws(Unseen) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw Unseen("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    try append(text, to: descriptor, path)
    let isOwned = owner == nil && group == nil || fchown(descriptor, owner ?? geteuid(), group ?? getegid()) == 0
    guard isOwned, fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
      throw Unseen("\(path): \(String(cString: strerror(errno)))")
    }
  }

  static func append(_ text: String, to path: String) throws(Unseen) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw Unseen("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    try append(text, to: descriptor, path)
    guard fsync(descriptor) == 0 else { throw Unseen("\(path): \(String(cString: strerror(errno)))") }
  }

  private static func append(_ text: String, to descriptor: Int32, _ path: String) throws(Unseen) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw Unseen("\(path): \(String(cString: strerror(errno)))")
      }
    }
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  static func makeFolder(_ path: String, mode: mode_t) throws(Unseen) {
    guard mkdir(path, mode) == 0 || errno == EEXIST else {
      throw Unseen("\(path): \(String(cString: strerror(errno)))")
    }
  }
}
