import Glibc

/// slapd's own configuration on the disk: the folder of `slapd -F`, or the file of `slapd -f`.
enum SlapdSource: Equatable {
  case folder(String)
  case file(String)

  /// What is no file is taken for a folder, there or not.
  init(_ path: String) {
    var status = stat()
    let isFile = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    self = isFile ? .file(path) : .folder(path)
  }

  var path: String {
    switch self {
    case .folder(let path), .file(let path): path
    }
  }

  /// For slapd's tools.
  var option: [String] {
    switch self {
    case .folder(let path): ["-F", path]
    case .file(let path): ["-f", path]
    }
  }

  // MARK: Where Debian's slapd looks

  private static let folder = "/etc/ldap/slapd.d"
  private static let file = "/etc/ldap/slapd.conf"

  /// As the package's own start does: what `SLAPD_CONF` names, else the folder, else the file.
  static var standard: String {
    standardPath(settings: SmallFile.read("/etc/default/slapd") ?? []) { access($0, F_OK) == 0 }
  }

  /// - Parameter settings: of `/etc/default/slapd`, a shell's assignments.
  static func standardPath(settings: [UInt8], exists: (String) -> Bool) -> String {
    let name = Array("SLAPD_CONF=".utf8)
    let lines = settings.split(separator: 0x0A).filter { $0.starts(with: name) }
    if let last = lines.last {
      let quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]
      let value = last.dropFirst(name.count).prefix { $0 != 0x20 }.filter { !quotes.contains($0) }
      if !value.isEmpty { return String(decoding: value, as: UTF8.self) }
    }
    return !exists(folder) && exists(file) ? file : folder
  }
}

/// A file of settings, read whole.
enum SmallFile {
  static let maxBytes = 65_536

  /// What is longer is cut; nil where it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: maxBytes)
    let count = fread(&bytes, 1, maxBytes, file)  // first: `bytes.prefix(fread(&bytes…` takes them from before
    return Array(bytes.prefix(count))
  }
}
