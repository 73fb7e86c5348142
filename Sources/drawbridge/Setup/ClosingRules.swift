/// What is left of the access rules while accounts hold secrets: under an organisation's own rules, anybody may read them.
struct ClosingRules {
  /// The rule that slapd lacks; nil where it has it.
  let loaded: DirectoryChange?
  /// What a later run takes back.
  let recorded: DirectoryChange
  /// What the other rules are.
  let rest: DirectoryChange
  /// As people read them; empty where somebody deleted what was left.
  let staying: [String]

  init(_ change: DirectoryChange, _ database: SlapdConfiguration.Database) {
    let present = database.entry.values("olcAccess").map(SettingText.normalized)
    let rule = DirectoryChange.Value(name: "olcAccess", text: "{0}\(Self.rule)")
    let isPresent = present.contains(SettingText.normalized(rule.text))
    // Setup's own, where there was no rule at all: with the closing rule alone, slapd would hide everything.
    let open = change.values.filter { SettingText.normalized($0.text) == "to * by * read" }
    loaded = isPresent ? nil : DirectoryChange(.closing, change.dn, [rule])
    recorded = DirectoryChange(.closing, change.dn, (isPresent ? [] : [rule]) + open)
    rest = DirectoryChange(change.kind, change.dn, change.values.filter { !open.contains($0) })
    let values = change.kind == .closing ? change.values : [rule] + open
    staying = values.filter { change.kind != .closing || present.contains(SettingText.normalized($0.text)) }
      .map { Numbered($0.text).text }
  }

  /// Those that are Drawbridge's own; others, as `userPassword`, are the organisation's again.
  private static let attributes = SchemaFile.access.settings.flatMap { setting -> [Substring] in
    let list = setting.value.split(separator: " ").first { $0.hasPrefix("attrs=") }?.dropFirst("attrs=".count)
    return list?.split(separator: ",").filter { $0.hasPrefix("drawbridge") } ?? []
  }

  private static var rule: String { "to attrs=\(attributes.joined(separator: ",")) by * none" }
}
