internal import Glibc

/// The file of a key ring, as root changes it on the daemon's host. Every change makes a whole new file that takes the
/// place of the old one in one step, with its owner and mode: a crash leaves the one or the other. Comments and the lines
/// of other keys stay as they are, byte for byte.
public struct KeyRingFile {
  public let path: String

  public init(path: String) { self.path = path }

  /// Throws, and changes nothing, where the file is damaged or others than its owner may use it.
  public func ring() throws(KeyRingFailure) -> KeyRing {
    var text = try read()
    defer { text.wipe() }
    return try parse(text)
  }

  /// Throws also where it has no such key.
  public func ring(with id: UInt32) throws(KeyRingFailure) -> KeyRing {
    let ring = try ring()
    guard ring.keyIDs.contains(id) else { throw noSuchKey(id, ring) }
    return ring
  }

  /// Puts a new key in that seals nothing yet.
  ///
  /// - Returns: its id.
  public func add(random: RandomBytes) throws(KeyRingFailure) -> UInt32 {
    try change { text, ring throws(KeyRingFailure) in
      do throws(RandomFailure) {
        for _ in 0..<Self.drawsMax {
          var (id, line) = try KeyRing.line(state: "open", random)
          defer { line.wipe() }
          if ring.keyIDs.contains(id) { continue }
          let end: [UInt8] = text.last == Self.newline || text.isEmpty ? [] : [Self.newline]
          return (text + end + line, id)
        }
        throw RandomFailure()
      } catch {
        throw KeyRingFailure(description: "\(path): \(error)")
      }
    }
  }

  /// Makes a key the one that seals; the one before goes on opening.
  ///
  /// - Parameter now: in seconds since 1970.
  /// - Returns: the id of the one before.
  public func activate(_ id: UInt32, now: Int64) throws(KeyRingFailure) -> UInt32 {
    try change { text, ring throws(KeyRingFailure) in
      guard ring.keyIDs.contains(id) else { throw noSuchKey(id, ring) }
      guard id != ring.activeKeyID else { throw KeyRingFailure(description: "\(path): key \(id) is active already") }
      let changed = lines(of: text) { line, words in
        switch Self.id(words[0]) {
        case id: ["\(id) active ".utf8 + words[2] + Self.comment(of: line)]
        case ring.activeKeyID: ["\(ring.activeKeyID) open ".utf8 + words[2] + " \(now)".utf8 + Self.comment(of: line)]
        default: [Array(line)]
        }
      }
      return (changed, ring.activeKeyID)
    }
  }

  /// Takes a key out; never the active one. What is sealed under it opens no more.
  public func retire(_ id: UInt32) throws(KeyRingFailure) {
    _ = try change { text, ring throws(KeyRingFailure) in
      guard ring.keyIDs.contains(id) else { throw noSuchKey(id, ring) }
      guard id != ring.activeKeyID else {
        throw KeyRingFailure(description: "\(path): key \(id) is the active one: activate another first")
      }
      return (lines(of: text) { line, words in Self.id(words[0]) == id ? [] : [Array(line)] }, id)
    }
  }

  // MARK: - Text

  private static let newline = UInt8(ascii: "\n")
  private static let drawsMax = 64

  private func noSuchKey(_ id: UInt32, _ ring: KeyRing) -> KeyRingFailure {
    KeyRingFailure(
      description: "\(path): there is no key \(id); there is \(ring.keyIDs.map(String.init).joined(separator: ", "))")
  }

  /// What lines that hold a key become.
  private func lines(of text: [UInt8], _ change: (ArraySlice<UInt8>, [ArraySlice<UInt8>]) -> [[UInt8]]) -> [UInt8] {
    let lines = text.split(separator: Self.newline, omittingEmptySubsequences: false)
    let changed = lines.flatMap { line -> [[UInt8]] in
      let words = KeyRing.words(of: line)
      return words.count < 3 ? [Array(line)] : change(line, words)
    }
    return Array(changed.joined(separator: [Self.newline]))
  }

  private static func id(_ word: ArraySlice<UInt8>) -> UInt32? { decimal(word).flatMap { UInt32(exactly: $0) } }

  private static func comment(of line: ArraySlice<UInt8>) -> [UInt8] {
    let comment = line.drop { $0 != UInt8(ascii: "#") }
    return comment.isEmpty ? [] : [0x20] + comment
  }

  private func parse(_ text: [UInt8]) throws(KeyRingFailure) -> KeyRing {
    do throws(KeyRingFailure) { return try KeyRing(parsing: text) } catch {
      throw KeyRingFailure(description: "\(path): \(error.description)")
    }
  }

  private func read() throws(KeyRingFailure) -> [UInt8] {
    do throws(KeyFile.Failure) {
      return try KeyFile(
        path: path, setting: "keys.ring", madeBy: "drawbridged --make-key-ring \(path)", rootTakesAnybodys: true
      ).read()
    } catch {
      throw KeyRingFailure(description: error.description)
    }
  }

  // MARK: - The disk

  /// One change at a time: the folder is locked meanwhile, as the file itself is replaced.
  private func change<Value>(
    _ edit: ([UInt8], KeyRing) throws(KeyRingFailure) -> ([UInt8], Value)
  ) throws(KeyRingFailure) -> Value {
    var link = stat()
    guard lstat(path, &link) != 0 || link.st_mode & S_IFMT != S_IFLNK else {
      throw KeyRingFailure(description: "\(path): a symbolic link; name the file itself")
    }
    let folder = Glibc.open(KeyFile.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure(KeyFile.folder(of: path)) }
    defer { close(folder) }
    guard flock(folder, LOCK_EX | LOCK_NB) == 0 else {
      throw KeyRingFailure(description: "\(path): another change of it is under way")
    }
    var old = try read()
    defer { old.wipe() }
    let ring = try parse(old)
    var (new, value) = try edit(old, ring)
    defer { new.wipe() }
    _ = try parse(new)  // never a ring that no daemon would read
    try replace(by: new)
    guard fsync(folder) == 0 else { throw failure(path) }
    return value
  }

  private func replace(by text: [UInt8]) throws(KeyRingFailure) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure(path) }
    let draft = "\(path).new"
    unlink(draft)  // of a change that a crash has cut short
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure(draft) }
    defer { close(descriptor) }
    guard fchown(descriptor, status.st_uid, status.st_gid) == 0, fchmod(descriptor, status.st_mode & 0o700) == 0,
      write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0, rename(draft, path) == 0
    else {
      let why = failure(draft)
      unlink(draft)
      throw why
    }
  }

  private func failure(_ path: String) -> KeyRingFailure {
    KeyRingFailure(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
