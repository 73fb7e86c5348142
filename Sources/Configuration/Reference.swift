extension Configuration {
  /// Every setting as a Markdown table: the same text that `docs/configuration.md` holds.
  public static let reference: String =
    table(settings.map(row)) + "\nEach `[[listen]]` has\n\n" + table(Listener.settings.map(row))
    + "\nEach `[[organisation]]` has\n\n" + table(OrganisationTable.settings.map(row))
    + "\nEach `[[service]]` has\n\n" + table(ServiceTable.settings.map(row))

  private static func table(_ rows: [String]) -> String {
    "| setting | type | default | meaning |\n| --- | --- | --- | --- |\n" + rows.joined()
  }

  private static func row<Root>(_ setting: Setting<Root>) -> String {
    let byDefault =
      switch setting.byDefault {
      case .value(""): "empty"
      case .value(let words): "`\(words)`"
      case .derived(let words): words
      case .required: "**must be set**"
      case .none: "none"
      }
    return "| `\(setting.name)` | \(setting.type) | \(byDefault) | \(setting.meaning) |\n"
  }
}
