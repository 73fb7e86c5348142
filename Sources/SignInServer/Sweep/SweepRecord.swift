internal import Dispatch
internal import Glibc
internal import Secrets
internal import SignIn

/// The folder of records, nil where there are none.
struct SweepRecords: Sendable {
  static let recordsMax = 100
  private static let prefix = "sweep-"
  private static let suffix = ".ldif"

  let folder: String?

  /// Makes a new record, after old ones have gone; nil where the configuration wants none.
  func open(at time: Timestamp) async throws(SweepRecord.Failure) -> SweepRecord? {
    guard let folder else { return nil }
    let name = "\(Self.prefix)\(time.generalizedTime)-\(getpid())\(Self.suffix)"
    return try await SweepRecord.blocking { () throws(SweepRecord.Failure) in
      if mkdir(folder, 0o700) != 0, errno != EEXIST { throw SweepRecord.Failure(path: folder, errno: errno) }
      let directory = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard directory >= 0 else { throw SweepRecord.Failure(path: folder, errno: errno) }
      defer { close(directory) }
      Self.prune(folder)
      let path = "\(folder)/\(name)"
      let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw SweepRecord.Failure(path: path, errno: errno) }
      let record = SweepRecord(path: path, owning: descriptor)
      try record.write(Self.header(time))
      // The name of the file must be on the disk, too.
      guard fsync(directory) == 0 else { throw SweepRecord.Failure(path: folder, errno: errno) }
      return record
    }
  }

  private static func header(_ time: Timestamp) -> [UInt8] {
    Array(
      """
      # What a sweep has deactivated from \(time.rfc3339) on. To take it back, one of
      #   drawbridge sweep --undo THIS-FILE
      #   ldapmodify -c -H ldapi:/// -D ADMINISTRATOR -W -f THIS-FILE
      # Who was reactivated meanwhile is left alone; ldapmodify says "No such attribute (16)" then, and goes on.
      version: 1


      """.utf8)
  }

  /// The names begin with the time, so that their order is that of their age.
  private static func prune(_ folder: String) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(prefix), name.hasSuffix(suffix) { names.append(name) }
    }
    for name in names.sorted().dropLast(recordsMax - 1) { unlink("\(folder)/\(name)") }
  }
}

/// One sweep's deactivations as LDIF changes (RFC 2849) that take them back: with any LDAP tool, the marker is deleted
/// by its value, which is the gesture that reactivates.
final class SweepRecord: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let errno: Int32

    var description: String {
      "\(path): \(String(cString: strerror(errno))); without a record nobody is deactivated (inactivity.records)"
    }
  }

  let path: String
  private let descriptor: Int32

  fileprivate init(path: String, owning descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Returns when the disk has it.
  func append(_ accounts: [Account], deactivatedAt time: Timestamp) async throws(Failure) {
    let lines = accounts.flatMap { Self.lines($0, time) }
    try await Self.blocking { () throws(Failure) in try self.write(lines) }
  }

  private static func lines(_ account: Account, _ time: Timestamp) -> [UInt8] {
    let clock = (account.idleSince?.stored ?? []).filter { (0x21...0x7E).contains($0) }
    let id = account.id.bytes.filter { (0x21...0x7E).contains($0) }
    return Array("# entryUUID: ".utf8) + id + Array("\n# idle since: ".utf8) + clock + [0x0A] + name(account.dn)
      + Array(
        """

        changetype: modify
        delete: drawbridgeDeactivatedTime
        drawbridgeDeactivatedTime: \(time.generalizedTime)
        -


        """.utf8)
  }

  /// In base64 unless it is a SAFE-STRING (RFC 2849) that does not end in a blank.
  private static func name(_ dn: String) -> [UInt8] {
    let bytes = Array(dn.utf8)
    let isSafe =
      bytes.allSatisfy { (0x20...0x7E).contains($0) } && !(bytes.first.map { " :<".utf8.contains($0) } ?? true)
      && bytes.last != 0x20
    if isSafe { return Array("dn: ".utf8) + bytes }
    let encoded = Base64.encode(bytes)
    return Array("dn:: ".utf8) + encoded + Array(repeating: UInt8(ascii: "="), count: (4 - encoded.count % 4) % 4)
  }

  fileprivate func write(_ bytes: [UInt8]) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw Failure(path: path, errno: errno) }
    }
    guard fsync(descriptor) == 0 else { throw Failure(path: path, errno: errno) }
  }

  /// On a thread that may block.
  fileprivate static func blocking<Value: Sendable>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(Failure) {
          continuation.resume(returning: .success(try work()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}
