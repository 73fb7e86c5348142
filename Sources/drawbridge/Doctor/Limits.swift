import Wire

/// Whether slapd shows the daemon all entries of a search, and whether it obeys access rules at all.
enum Limits {
  static func findings(_ database: SlapdConfiguration.Database, daemon: String) -> [Finding] {
    [limits(database, daemon), rootdn(database, daemon)]
  }

  static func limits(_ database: SlapdConfiguration.Database, _ daemon: String) -> Finding {
    let values = database.entry.ordered("olcLimits")
    // The first that fits decides (slapd.conf(5), limits).
    let applied = values.first { applies($0, to: daemon) }
    let words = applied?.lowercased().split { $0 == " " || $0 == "\t" }.map { String($0) } ?? []
    let isUnlimited = words.contains("size=unlimited") || words.contains("size.hard=unlimited")
    guard applied == nil || !isUnlimited else {
      return Finding("slapd.limits", .good, "The daemon is shown as many entries as there are.")
    }
    return Finding(
      "slapd.limits", .bad,
      applied.map { "The daemon's olcLimits say: \($0)." } ?? "No olcLimits are about the daemon.",
      why: "A sweep or a list of more than 500 accounts fails.",
      mend: """
        dn: \(database.entry.dn)
        changetype: modify
        add: olcLimits
        olcLimits: {0}dn.exact="\(daemon)" size=unlimited time=unlimited
        """)
  }

  private static func applies(_ value: String, to daemon: String) -> Bool {
    guard value.lowercased().hasPrefix("dn") else {
      let who = value.prefix { $0 != " " && $0 != "\t" }.lowercased()
      return who == "*" || who == "users"
    }
    let form = value.prefix { $0 != "=" }.lowercased()
    var name = value.drop { $0 != "=" }.dropFirst()
    if name.hasPrefix("\"") {
      name = name.dropFirst().prefix { $0 != "\"" }
    } else {
      name = name.prefix { $0 != " " && $0 != "\t" }
    }
    switch form {
    case "dn", "dn.exact", "dn.base": return DN.isEqual(String(name), daemon)
    case "dn.sub", "dn.subtree", "dn.children": return DN.isBelowOrEqual(daemon, String(name))
    case "dn.one", "dn.onelevel": return DN.isEqual(DN.parent(of: daemon), String(name))
    default: return false
    }
  }

  private static func rootdn(_ database: SlapdConfiguration.Database, _ daemon: String) -> Finding {
    guard database.entry.value("olcRootDN").map({ DN.isEqual($0, daemon) }) ?? false else {
      return Finding("slapd.rootdn", .good, "The daemon is not the database's rootdn.")
    }
    return Finding(
      "slapd.rootdn", .bad, "The daemon is the database's rootdn.",
      why: "No access rule holds for it: a flaw of the daemon would be one of the whole directory.",
      mend: "Give the daemon a name of its own: @DAEMON@ of schema/README.md, in identity and access")
  }
}
