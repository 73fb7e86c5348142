import Wire

/// What Drawbridge searches by, against `olcDbIndex`; the list is that of `schema/index.ldif`.
enum Indexes {
  struct Index: Equatable {
    let attribute: String
    let kind: String
    var setting: String { "\(attribute) \(kind)" }
  }

  /// `objectClass` goes without saying in cn=config (slapd comes with it), so the file leaves it out.
  static let needed: [Index] =
    [Index(attribute: "objectClass", kind: "eq")]
    + SchemaFile.index.settings.compactMap { setting in
      let words = setting.value.split(separator: " ")
      return words.count == 2 ? Index(attribute: String(words[0]), kind: String(words[1])) : nil
    }

  /// Those that the database lacks.
  static func missing(_ database: SlapdConfiguration.Database, logins: [String]) -> [Index] {
    let present = indexed(database.entry.values("olcDbIndex"))
    var wanted = needed
    for login in logins where !wanted.contains(where: { $0.attribute.lowercased() == login.lowercased() }) {
      wanted.append(Index(attribute: login, kind: "eq"))
    }
    return wanted.filter { !present[$0.attribute.lowercased(), default: []].contains($0.kind) }
  }

  /// Whether an attribute is indexed for something, so that slapd refuses another line about it.
  static func isNamed(_ attribute: String, _ database: SlapdConfiguration.Database) -> Bool {
    indexed(database.entry.values("olcDbIndex"))[attribute.lowercased()] != nil
  }

  static func finding(_ database: SlapdConfiguration.Database, logins: [String]) -> Finding {
    let missing = missing(database, logins: logins)
    guard !missing.isEmpty else {
      return Finding("slapd.indexes", .good, "Everything that Drawbridge searches by is indexed.")
    }
    let changes = missing.map { "add: olcDbIndex\nolcDbIndex: \($0.setting)" }
    return Finding(
      "slapd.indexes", .warning,
      "Not indexed: \(missing.map(\.setting).joined(separator: ", ")).",
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
