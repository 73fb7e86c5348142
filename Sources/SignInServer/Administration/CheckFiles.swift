internal import Configuration
internal import Glibc
internal import Wire

/// A file as it stands on the disk, and what it is to the daemon.
struct HouseFile: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case keyRing, configuration, certificateKey
    /// With the mode that its setting gives it.
    case socket(mode: UInt32)
    case passwordFile
    /// That one of the others lies in.
    case folder
  }

  let path: String
  let kind: Kind
  /// Nil where the file is not there, or may not be looked at.
  var status: Status?

  struct Status: Sendable, Equatable {
    var mode: UInt32
    var uid: UInt32
  }
}

/// Who may read and change what the daemon works with.
enum CheckFiles {
  static func look(_ configuration: Configuration, file: String) -> [HouseFile] {
    var files = [
      HouseFile(path: configuration.keys.ring, kind: .keyRing), HouseFile(path: file, kind: .configuration),
    ]
    files += [configuration.directory.bindPasswordFile, configuration.mail.passwordFile].compactMap { $0 }
      .map { HouseFile(path: $0.path, kind: .passwordFile) }
    for listener in configuration.listen {
      if let tls = listener.tls {
        files.append(HouseFile(path: tls.key, kind: .certificateKey))
      } else {
        files.append(HouseFile(path: listener.path, kind: .socket(mode: listener.mode)))
      }
    }
    var folders: [String] = []
    for file in files {
      let folder = folder(of: file.path)
      if !folders.contains(folder) { folders.append(folder) }
    }
    return (files + folders.map { HouseFile(path: $0, kind: .folder) }).map { file in
      var file = file
      var found = stat()
      if stat(file.path, &found) == 0 { file.status = .init(mode: found.st_mode & 0o7777, uid: found.st_uid) }
      return file
    }
  }

  private static func folder(of path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { $0 == path.utf8.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  static func findings(of files: [HouseFile], uid: UInt32) -> [Finding] {
    let faults = files.compactMap { fault($0, uid: uid) }
    guard faults.isEmpty else { return faults }
    return [
      Finding("files.modes", .good, "Key ring, configuration, passwords and sockets are open to nobody else.")
    ]
  }

  private static func fault(_ file: HouseFile, uid: UInt32) -> Finding? {
    guard let status = file.status else { return missing(file) }
    let owners: Set<UInt32> = [0, uid]
    let mode = String(status.mode, radix: 8)
    switch file.kind {
    case .keyRing:
      guard status.mode & 0o077 != 0 || !owners.contains(status.uid) else { return nil }
      return Finding(
        "files.key-ring", .bad, "\(file.path) has mode \(mode) and the owner \(status.uid).",
        why: "Whoever reads it opens every authenticator of a stolen directory; the daemon will not start again.",
        mend: "chown \(uid) \(file.path); chmod 0400 \(file.path)")
    case .certificateKey:
      guard status.mode & 0o077 != 0 || !owners.contains(status.uid) else { return nil }
      return Finding(
        "files.certificate-key", .bad, "\(file.path) has mode \(mode) and the owner \(status.uid).",
        why: "Whoever reads it passes for this daemon; the daemon will not start again.",
        mend: "chown \(uid) \(file.path); chmod 0400 \(file.path)")
    case .passwordFile:
      guard status.mode & 0o027 != 0 || !owners.contains(status.uid) else { return nil }
      return Finding(
        "files.password", .bad, "\(file.path) has mode \(mode) and the owner \(status.uid).",
        why: "There is a password in it.", mend: "chown \(uid) \(file.path); chmod 0400 \(file.path)")
    case .configuration:
      guard status.mode & 0o022 != 0 || !owners.contains(status.uid) else { return nil }
      return Finding(
        "files.configuration", .bad, "\(file.path) has mode \(mode) and the owner \(status.uid).",
        why: "Whoever writes it decides where codes are mailed to, and by which directory people are known.",
        mend: "chown root: \(file.path); chmod 0644 \(file.path)")
    case .socket(let wanted):
      guard status.mode & 0o777 & ~wanted != 0 || !owners.contains(status.uid) else { return nil }
      return Finding(
        "files.socket", .bad, "\(file.path) has mode \(mode); its setting says \(String(wanted, radix: 8)).",
        why: "The mode is what keeps others from the socket.", mend: "systemctl restart drawbridged")
    case .folder:
      // In a folder like /tmp, a file can be replaced by its owner alone.
      let isOpen = status.mode & 0o022 != 0 && status.mode & 0o1000 == 0
      guard isOpen || !owners.contains(status.uid) else { return nil }
      return Finding(
        "files.folder", .bad, "\(file.path) has mode \(mode) and the owner \(status.uid).",
        why: "Whoever writes to a folder replaces what lies in it: the key ring, the configuration or a socket.",
        mend: "chown root: \(file.path); chmod 0755 \(file.path)")
    }
  }

  private static func missing(_ file: HouseFile) -> Finding {
    let check =
      switch file.kind {
      case .keyRing: "files.key-ring"
      case .configuration: "files.configuration"
      case .socket: "files.socket"
      case .passwordFile: "files.password"
      case .certificateKey: "files.certificate-key"
      case .folder: "files.folder"
      }
    return Finding(
      check, .warning, "\(file.path) is not there any more, or the daemon may not look at it.",
      why: "The daemon would not start again, or nobody reaches it.", mend: "systemctl restart drawbridged, and its log"
    )
  }
}
