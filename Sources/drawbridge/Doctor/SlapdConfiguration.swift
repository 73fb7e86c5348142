import Wire

/// What slapd is configured to do: the entries of `cn=config` that the doctor looks at.
struct SlapdConfiguration: Equatable {
  struct Database: Equatable {
    let entry: LDIFEntry
    var overlays: [LDIFEntry] = []

    var suffixes: [String] { entry.values("olcSuffix") }

    /// The overlay's entry, by its name without a number.
    func overlay(_ name: String) -> LDIFEntry? {
      overlays.first { $0.value("olcOverlay").map { Numbered($0).text.lowercased() } == name }
    }
  }

  /// `argon2.la m=19456 t=2`
  struct Module: Equatable {
    /// Without folder and ending, in lower case.
    let name: String
    let arguments: [String]

    init(_ value: String) {
      let words = value.split { $0 == " " || $0 == "\t" }
      let file = words.first?.split(separator: "/").last ?? ""
      name = file.prefix { $0 != "." }.lowercased()
      arguments = words.dropFirst().map { String($0) }
    }
  }

  /// Asked for by name, so that no password (`olcRootPW`) is among them.
  static let attributes = [
    "olcAuthzRegexp", "olcThreads", "olcModuleLoad", "olcDatabase", "olcSuffix", "olcRootDN", "olcAccess", "olcDbIndex",
    "olcLimits", "olcSizeLimit", "olcOverlay", "olcPPolicyDefault", "olcSyncrepl", "olcMultiProvider", "olcMirrorMode",
    "olcUpdateRef", "olcReadOnly", "olcAccessLogDB", "olcAccessLogPurge", "olcAuditlogFile", "olcOvSocketOps",
    "olcPasswordHash", "olcSyncUseSubentry", "olcSpSessionlog",
  ]

  var global = LDIFEntry(dn: "cn=config")
  var modules: [Module] = []
  var databases: [Database] = []

  /// Nil where the entries are not those of a `cn=config`.
  init?(_ entries: [LDIFEntry], root: String = "cn=config") {
    guard let global = entries.first(where: { DN.isEqual($0.dn, root) }) else { return nil }
    self.global = global
    for entry in entries {
      modules += entry.ordered("olcModuleLoad").map(Module.init)
      if entry.value("olcOverlay") == nil, entry.value("olcDatabase") != nil { databases.append(.init(entry: entry)) }
    }
    for entry in entries where entry.value("olcOverlay") != nil {
      guard let index = databases.firstIndex(where: { DN.isEqual($0.entry.dn, DN.parent(of: entry.dn)) }) else {
        continue
      }
      databases[index].overlays.append(entry)
    }
    // Without a database in sight, everything below would look as if nothing were configured.
    guard !databases.isEmpty else { return nil }
  }

  func module(_ name: String) -> Module? { modules.first { $0.name == name } }

  /// The database that an entry lies in: the one of the longest suffix.
  func database(holding dn: String) -> Database? {
    databases.flatMap { database in database.suffixes.map { (database, $0) } }
      .filter { DN.isBelowOrEqual(dn, $0.1) }.max { DN.normalized($0.1).count < DN.normalized($1.1).count }?.0
  }
}

/// Names of entries, compared well enough for those that administrators write: without case, and without blanks around
/// `,` and `=`.
enum DN {
  static func normalized(_ dn: String) -> [UInt8] {
    var result: [UInt8] = []
    for byte in dn.utf8 {
      let isSeparator = byte == UInt8(ascii: ",") || byte == UInt8(ascii: "=")
      if isSeparator { while result.last == 0x20 { result.removeLast() } }
      if byte == 0x20, result.last.map({ $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "=") }) ?? true { continue }
      result.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
    }
    return result
  }

  static func isEqual(_ a: String, _ b: String) -> Bool { normalized(a) == normalized(b) }

  static func isBelowOrEqual(_ dn: String, _ suffix: String) -> Bool {
    let (dn, suffix) = (normalized(dn), normalized(suffix))
    return suffix.isEmpty || dn == suffix || Array(dn.suffix(suffix.count + 1)) == [UInt8(ascii: ",")] + suffix
  }

  static func parent(of dn: String) -> String {
    let bytes = Array(dn.utf8)
    var isEscaped = false
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: ","), !isEscaped { return String(decoding: bytes[(index + 1)...], as: UTF8.self) }
      isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
    }
    return ""
  }
}
