import Wire

/// What the directory lacks of what Drawbridge needs; nothing is asked here, and nothing changed.
struct SetupPlan {
  /// What was seen of slapd.
  struct Facts {
    var configuration: SlapdConfiguration
    var database: SlapdConfiguration.Database
    /// Values of `olcObjectClasses` and `olcAttributeTypes` of all schemas.
    var schema: [String]
    /// The entry of cn=config that loads modules.
    var moduleEntry: String?
    var hasArgon2File = false
    var hasPeople: Bool
    var hasShared: Bool
    var rulesOfFrontend: [String]
  }

  private(set) var changes: [DirectoryChange] = []
  /// What an administrator should know, and setup does not do.
  private(set) var warnings: [String] = []

  init(_ facts: Facts, _ names: SetupNames) {
    addSchema(facts)
    addModule(facts)
    addLimits(facts, names)
    addAccess(facts, names)
    addIdentity(facts, names)
    addIndexes(facts, names)
    if !facts.hasPeople { addPeople(names) }
    if !facts.hasShared {
      let values = SchemaFile.shared.settings.map { DirectoryChange.Value(name: $0.attribute, text: $0.value) }
      changes.append(DirectoryChange(.shared, names.shared, isEntry: true, values))
    }
  }

  private mutating func addSchema(_ facts: Facts) {
    let present = Set(facts.schema.compactMap(Self.identifier))
    let wanted = SchemaFile.schema.settings.filter { $0.attribute.hasPrefix("olc") }
    let missing = wanted.filter { setting in
      Self.identifier(setting.value).map { !present.contains($0) } ?? false
    }
    if missing.count == wanted.count {
      let values = SchemaFile.schema.settings.map { DirectoryChange.Value(name: $0.attribute, text: $0.value) }
      changes.append(DirectoryChange(.schema, "cn=drawbridge,cn=schema,cn=config", isEntry: true, values))
    } else if !missing.isEmpty {
      warnings.append(
        "slapd has an older schema of Drawbridge, without \(missing.count) definitions: see CHANGELOG.md, To upgrade.")
    }
  }

  /// The number that a definition begins with.
  private static func identifier(_ definition: String) -> String? {
    Numbered(definition).text.split { $0 == " " || $0 == "(" }.first.map { String($0) }
  }

  private mutating func addModule(_ facts: Facts) {
    guard facts.configuration.module("argon2") == nil, facts.hasArgon2File, let dn = facts.moduleEntry else { return }
    changes.append(DirectoryChange(.module, dn, [.init(name: "olcModuleLoad", text: "argon2")]))
  }

  private mutating func addLimits(_ facts: Facts, _ names: SetupNames) {
    guard Limits.limits(facts.database, names.daemon).verdict != .good else { return }
    let values = Self.values(SchemaFile.limits, names).map {
      DirectoryChange.Value(name: $0.name, text: "{0}\($0.text)")
    }
    changes.append(DirectoryChange(.limits, facts.database.entry.dn, values))
  }

  /// The first rule that fits decides, so ours come first, in their order. What is there already keeps its place.
  private mutating func addAccess(_ facts: Facts, _ names: SetupNames) {
    let file = facts.database.overlay("ppolicy") == nil ? SchemaFile.accessDeactivatedBind : .accessPolicy
    let wanted = Self.values(file, names) + Self.values(.access, names)
    var present = facts.database.entry.ordered("olcAccess").map(SettingText.normalized)
    let hadNone = present.isEmpty && facts.rulesOfFrontend.isEmpty
    var place = 0
    var values: [DirectoryChange.Value] = []
    for value in wanted {
      let text = SettingText.normalized(value.text)
      if let found = present.firstIndex(of: text) {
        place = found + 1
      } else {
        present.insert(text, at: place)
        values.append(.init(name: value.name, text: "{\(place)}\(value.text)", why: value.why))
        place += 1
      }
    }
    guard !values.isEmpty else { return }
    if facts.database.overlay("syncprov") != nil {
      warnings.append(
        "This database has copies (syncprov). Unless who copies it is its rootdn, put a rule for it before these, or the "
          + "copies lose what they keep of accounts: {0}to * by dn.exact=\"…\" read by * break")
    }
    if hadNone {
      values.append(
        .init(
          name: "olcAccess", text: "{\(place)}to * by * read",
          why: [
            "You had no rule, by which slapd lets everybody read. With the first rule that ends, so it is said here."
          ]))
    }
    changes.append(DirectoryChange(.access, facts.database.entry.dn, values))
  }

  private mutating func addIdentity(_ facts: Facts, _ names: SetupNames) {
    let rules = facts.configuration.global.ordered("olcAuthzRegexp")
    let values = Self.values(.identity, names)
    let isPresent = values.allSatisfy { value in
      rules.contains { SettingText.normalized($0) == SettingText.normalized(value.text) }
    }
    let finding = IdentityMapping.finding(
      rules, daemon: names.daemon, uid: names.uid, gid: names.gid, bindsExternally: true)
    guard !isPresent, finding.verdict != .good else { return }
    if !rules.isEmpty, finding.what.hasPrefix("slapd takes") { warnings.append(finding.what) }
    let placed = values.map { DirectoryChange.Value(name: $0.name, text: "{0}\($0.text)", why: $0.why) }
    changes.append(DirectoryChange(.identity, facts.configuration.global.dn, placed))
  }

  private mutating func addIndexes(_ facts: Facts, _ names: SetupNames) {
    var values: [DirectoryChange.Value] = []
    for index in Indexes.missing(facts.database, logins: []) {
      if Indexes.isNamed(index.attribute, facts.database) {
        // slapd refuses a second line about the same attribute, and the first one is the administrator's.
        warnings.append("olcDbIndex has \(index.attribute) without \(index.kind): add it to that value.")
      } else {
        values.append(.init(name: "olcDbIndex", text: index.setting))
      }
    }
    if !values.isEmpty { changes.append(DirectoryChange(.index, facts.database.entry.dn, values)) }
  }

  private mutating func addPeople(_ names: SetupNames) {
    guard names.people.lowercased().hasPrefix("ou=") else {
      warnings.append("There is no entry \(names.people): invitations need it.")
      return
    }
    let name = String(names.people.dropFirst(3).prefix { $0 != "," })
    let values = [("objectClass", "organizationalUnit"), ("ou", name)].map {
      DirectoryChange.Value(name: $0.0, text: $0.1)
    }
    changes.append(DirectoryChange(.people, names.people, isEntry: true, values))
  }

  private static func values(_ file: SchemaFile, _ names: SetupNames) -> [DirectoryChange.Value] {
    file.settings.map { .init(name: $0.attribute, text: names.filled($0.value), why: $0.why.map(names.filled)) }
  }
}
