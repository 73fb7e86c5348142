import Glibc
import Wire

/// Changes a running slapd as the administrator of its cn=config, by slapd's own tools over ldapi.
struct SlapdAdministrator {
  let observer: SlapdObserver
  /// What slapd calls whoever runs this.
  let name: String
  /// Where LDIF waits for the tool; nobody else reads it.
  let folder: String

  private var client: [String] { ["-Q", "-Y", "EXTERNAL", "-H", observer.uri] }

  /// - Throws: what slapd said; ldapmodify stops at the first record that is refused.
  func modify(_ ldif: String) throws(Unseen) {
    let path = "\(folder)/change.ldif"
    try SetupFile.write(ldif, to: path, mode: 0o600)
    defer { unlink(path) }
    let told = try Tool(name: "ldapmodify").run(client + ["-f", path])
    guard told.status == 0 else { throw Unseen("slapd refuses: \(told.reasons)", status: told.status) }
  }

  /// Values with the numbers that they have now.
  func values(_ attribute: String, of dn: String) throws(Unseen) -> [String] {
    let told = try Tool(name: "ldapsearch").run(
      client + ["-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", "(objectClass=*)", attribute])
    guard told.status == 0 else { throw Unseen("\(dn) cannot be read: \(told.complaint)") }
    return LDIFEntry.parse(told.output).first?.values(attribute) ?? []
  }

  // MARK: Entries of the database

  /// The administrator of cn=config need not have a right in the database: it gets those that the entry takes, and no
  /// others, for as long as the change lasts.
  func modifyEntry(_ ldif: String, _ dn: String, in database: String) throws(Unseen) {
    let rights = Self.rights(for: dn, name: name)
    try modify(
      "dn: \(database)\nchangetype: modify\nadd: olcAccess\n"
        + rights.enumerated().map { "olcAccess: {\($0.offset)}\($0.element)\n" }.joined())
    let outcome = Result { () throws(Unseen) in try modify(ldif) }
    try takeBack(rights, "olcAccess", of: database, takesAll: true)
    try outcome.get()
  }

  /// Rights that a run which was cut short has left behind.
  func leftRights(for names: SetupNames) throws(Unseen) -> [String] {
    let present = Set(try values("olcAccess", of: names.database).map(SettingText.normalized))
    return [names.people, names.shared].flatMap { Self.rights(for: $0, name: name) }.filter {
      present.contains(SettingText.normalized($0))
    }
  }

  private static func rights(for dn: String, name: String) -> [String] {
    let who = "by dn.exact=\"\(name)\" write by * break"
    return ["to dn.base=\"\(DN.parent(of: dn))\" attrs=entry,children \(who)", "to dn.base=\"\(dn)\" \(who)"]
  }

  // MARK: Taking back

  /// Deletes those of the values that are there, the last first, so that the numbers of the others hold.
  ///
  /// - Returns: those that are there no more, or were changed.
  @discardableResult
  func takeBack(
    _ texts: [String], _ attribute: String, of dn: String, takesAll: Bool = false
  ) throws(Unseen) -> [String] {
    let present = try values(attribute, of: dn)
    var doomed: [String] = []
    var gone: [String] = []
    for text in texts {
      let wanted = SettingText.normalized(text)
      let found = present.filter { SettingText.normalized($0) == wanted && !doomed.contains($0) }
      if found.isEmpty { gone.append(text) }
      doomed += takesAll ? found : Array(found.prefix(1))
    }
    doomed.sort { Numbered($0).number > Numbered($1).number }
    guard !doomed.isEmpty else { return gone }
    let changes = doomed.map { "delete: \(attribute)\n\(attribute): \($0)\n" }
    try modify("dn: \(dn)\nchangetype: modify\n" + changes.joined(separator: "-\n"))
    return gone
  }
}

extension Tool.Output {
  /// All that it complained of, in one line.
  var reasons: String {
    let lines = errors.split(separator: 0x0A).map { Array($0).shown }
      .filter { !$0.isEmpty && !$0.hasPrefix("modifying entry") && !$0.hasPrefix("adding new entry") }
    return lines.isEmpty ? "exit status \(status)" : lines.joined(separator: "; ")
  }
}
