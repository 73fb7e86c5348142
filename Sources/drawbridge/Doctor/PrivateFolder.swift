import Glibc

/// A folder that nobody else reads, in memory where the host has such a place.
enum PrivateFolder {
  static let places = ["/dev/shm", "/tmp"]
  private static let depthMax = 16

  /// It is gone when the body ends. Signals that would end this process wait so long, for what lies there may be secret;
  /// so the body is short.
  ///
  /// - Parameter places: the first that takes it.
  static func with<Value>(
    in places: [String] = places, _ body: (String) throws(Unseen) -> Value
  ) throws(Unseen) -> Value {
    var waiting = sigset_t()
    var before = sigset_t()
    sigemptyset(&waiting)
    for signal in [SIGHUP, SIGINT, SIGTERM] { sigaddset(&waiting, signal) }
    sigprocmask(SIG_BLOCK, &waiting, &before)
    defer { sigprocmask(SIG_SETMASK, &before, nil) }
    var made: String?
    for place in places where made == nil { made = make(in: place) }
    guard let path = made else { throw Unseen("no temporary folder can be made") }
    defer { remove(path) }
    return try body(path)
  }

  /// Of mode 0700; mkdtemp(3) puts letters in the place of the `X`s.
  private static func make(in place: String) -> String? {
    var template = Array("\(place)/drawbridge-doctor-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func remove(_ path: String, depth: Int = 0) {
    guard unlink(path) != 0, depth < depthMax else { return }
    for name in FolderListing.names(in: path) ?? [] { remove("\(path)/\(name)", depth: depth + 1) }
    rmdir(path)
  }
}
