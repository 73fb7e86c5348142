import Glibc
import Wire

/// The daemon's configuration and its key ring, made where they are absent and never touched where they are not.
struct DaemonFiles {
  let configuration: String
  let ring: String
  let user: UnixUser

  static func text(
    _ names: SetupNames, uri: String, ring: String, smtp: String, from: String?, support: String?, sockets: String?
  ) -> String {
    var lines = [
      "# Written by drawbridge setup. docs/configuration.md has every setting.", "", "[directory]",
      "uris = [\(quoted(uri))]", "base = \(quoted(names.suffix))", "people = \(quoted(names.people))",
      "shared-entry = \(quoted(names.shared))", "", "[keys]", "ring = \(quoted(ring))", "", "[mail]",
      "server = \(quoted(smtp))",
    ]
    if let from { lines.append("from = \(quoted(from))") }
    if let support { lines.append("support = \(quoted(support))") }
    if let sockets {
      for role in ["signin", "admin"] {
        lines += ["", "[[listen]]", "path = \(quoted("\(sockets)/\(role).sock"))", "role = \"\(role)\""]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A basic string of TOML.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.withoutControls.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }

  private static var daemon: Tool {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let own = String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Where it was built the two stand side by side.
    return Tool(name: "drawbridged", folder: own.isEmpty ? nil : DaemonFiles.folder(of: own))
  }

  static func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.count < 2 ? "/" : parts.joined(separator: "/")
  }

  /// - Returns: whether it was made.
  func makeRing() throws(Unseen) -> Bool {
    guard !SetupFile.exists(ring) else { return false }
    let told = try Self.daemon.run(["--make-key-ring", ring])
    guard told.status == 0 else { throw Unseen("drawbridged --make-key-ring: \(told.complaint)") }
    // Whoever may write to its folder could have put a link to another file in its place.
    let made = open(ring, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    defer { if made >= 0 { close(made) } }
    var status = stat()
    guard made >= 0, fstat(made, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
      fchown(made, user.uid, user.gid) == 0
    else { throw Unseen("\(ring): cannot be given to \(user.name)") }
    return true
  }

  /// - Returns: whether it was written.
  func write(_ text: String) throws(Unseen) -> Bool {
    guard !SetupFile.exists(configuration) else { return false }
    try SetupFile.write(text, to: configuration, mode: 0o640, group: user.gid)
    return true
  }

  /// What `drawbridged --check-config`, as the daemon's user, has to say; nil where all is well.
  func complaint() throws(Unseen) -> String? {
    guard let path = Self.daemon.path else { throw Unseen("drawbridged is not installed on this host") }
    let told = try Tool(name: "runuser").run(
      ["-u", user.name, "--", path, "--check-config", "--config", configuration])
    return told.status == 0 ? nil : told.reasons
  }
}

/// A user of the host.
struct UnixUser: Equatable {
  let name: String
  let uid: UInt32
  /// The first group.
  let gid: UInt32

  init?(named name: String) {
    guard let entry = getpwnam(name) else { return nil }
    (self.name, uid, gid) = (name, entry.pointee.pw_uid, entry.pointee.pw_gid)
  }
}
