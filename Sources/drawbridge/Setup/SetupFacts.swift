import Glibc
import Wire

/// Looks at slapd for a plan.
struct SetupFacts {
  let observer: SlapdObserver
  let suffix: String?

  /// A database, and which of its suffixes.
  static func database(
    in configuration: SlapdConfiguration, suffix: String?
  ) throws(Unseen) -> (SlapdConfiguration.Database, String) {
    let logs = configuration.databases.flatMap(\.overlays).compactMap { $0.value("olcAccessLogDB") }
    let all = configuration.databases.flatMap { database in database.suffixes.map { (database, $0) } }
      .filter { candidate in
        candidate.0.entry.value("olcDatabase").map { !Numbered($0).text.lowercased().hasPrefix("monitor") } ?? false
          && !logs.contains { DN.isEqual($0, candidate.1) }
      }
    let shown = all.map(\.1).joined(separator: "; ")
    if let suffix {
      guard let found = all.first(where: { DN.isEqual($0.1, suffix) }) else {
        throw Unseen("No database of this slapd has the suffix \(suffix). There are: \(shown)")
      }
      return found
    }
    guard let only = all.first, all.count == 1 else {
      throw Unseen(all.isEmpty ? "This slapd has no database" : "Which directory? --suffix names one of: \(shown)")
    }
    return only
  }

  func look(_ names: SetupNames, _ configuration: SlapdConfiguration) throws(Unseen) -> SetupPlan.Facts {
    guard let database = configuration.databases.first(where: { DN.isEqual($0.entry.dn, names.database) }) else {
      throw Unseen("\(names.database) is there no more")
    }
    let schema = try schema()
    return SetupPlan.Facts(
      configuration: configuration, database: database, schema: schema.definitions, moduleEntry: schema.modules,
      hasArgon2File: ["/usr/lib/ldap/argon2.so", "/usr/lib/ldap/argon2.la"].contains(where: SetupFile.exists),
      hasPeople: holds(names.people), hasShared: holds(names.shared),
      rulesOfFrontend: configuration.databases.filter { $0.entry.dn.lowercased().contains("frontend") }
        .flatMap { $0.entry.values("olcAccess") })
  }

  private func schema() throws(Unseen) -> (definitions: [String], modules: String?) {
    let told = try Tool(name: "ldapsearch").run(
      [
        "-Q", "-Y", "EXTERNAL", "-H", observer.uri, "-LLL", "-o", "ldif-wrap=no", "-b", observer.configurationDN,
        "(|(objectClass=olcSchemaConfig)(objectClass=olcModuleList))", "olcAttributeTypes", "olcObjectClasses",
      ])
    guard told.status == 0 else { throw Unseen("\(observer.configurationDN) cannot be read: \(told.complaint)") }
    let entries = LDIFEntry.parse(told.output)
    return (
      entries.flatMap { $0.values("olcAttributeTypes") + $0.values("olcObjectClasses") },
      entries.map(\.dn).first { $0.lowercased().hasPrefix("cn=module") }
    )
  }

  /// Why what accounts hold has to be kept from others; nil where there are none. What cannot be looked at may hold some.
  func accounts(in database: SlapdConfiguration.Database) -> String? {
    for suffix in database.suffixes {
      // Root may be shown none of them: the database itself has the last word.
      switch observer.entries(under: suffix, filter: "(objectClass=drawbridgeAccount)", ["1.1"]) {
      case .success(let found): if !found.isEmpty { return "there are accounts" }
      case .failure(let unseen): return "it cannot be seen whether there are accounts (\(unseen.why))"
      }
    }
    return nil
  }

  /// By slapd, or by the database itself where its rules hide the entry.
  func holds(_ dn: String) -> Bool {
    let name = dn.prefix { $0 != "," }
    let found = observer.entries(under: dn, scope: "base", filter: "(\(name))", ["1.1"])
    return (try? found.get())?.contains { DN.isEqual($0.dn, dn) } ?? false
  }
}
