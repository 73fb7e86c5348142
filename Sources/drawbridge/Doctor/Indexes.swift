import Wire

/// What Drawbridge searches by, against `olcDbIndex`; the list is that of `schema/index.conf`.
enum Indexes {
  static let needed: [(attribute: String, kind: String)] = [
    ("objectClass", "eq"), ("mail", "eq"), ("uid", "eq"), ("entryUUID", "eq"), ("member", "eq"),
    ("drawbridgeIdleSince", "eq"),
    ("drawbridgeLockSet", "eq"), ("drawbridgeDeactivatedTime", "pres"),
  ]

  static func finding(_ database: SlapdConfiguration.Database, logins: [String]) -> Finding {
    let present = indexed(database.entry.values("olcDbIndex"))
    var wanted = needed
    for login in logins where !wanted.contains(where: { $0.attribute.lowercased() == login.lowercased() }) {
      wanted.append((login, "eq"))
    }
    let missing = wanted.filter { !present[$0.attribute.lowercased(), default: []].contains($0.kind) }
    guard !missing.isEmpty else {
      return Finding("slapd.indexes", .good, "Everything that Drawbridge searches by is indexed.")
    }
    let changes = missing.map { "add: olcDbIndex\nolcDbIndex: \($0.attribute) \($0.kind)" }
    return Finding(
      "slapd.indexes", .warning,
      "Not indexed: \(missing.map { "\($0.attribute) \($0.kind)" }.joined(separator: ", ")).",
      why: "Each sign-in, or each sweep, reads every entry of the directory.",
      mend: "dn: \(database.entry.dn)\nchangetype: modify\n" + changes.joined(separator: "\n-\n"))
  }

  /// `mail,uid eq,pres`; without kinds, those of the `default` before it (slapd-mdb(5)).
  private static func indexed(_ values: [String]) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    var standard: Set<String> = []
    for value in values {
      let parts = value.lowercased().split { $0 == " " || $0 == "\t" }
      guard let names = parts.first else { continue }
      let kinds = parts.count > 1 ? Set(parts[1].split(separator: ",").map { String($0) }) : standard
      if names == "default" { standard = kinds }
      for name in names.split(separator: ",") { result[String(name), default: []].formUnion(kinds) }
    }
    return result
  }
}
