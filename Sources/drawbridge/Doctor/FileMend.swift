import Wire

/// What mends a slapd that runs from a `slapd.conf`: lines of that file, where `cn=config` is told by LDIF. A change of
/// `cn=config` would be gone at slapd's next start.
struct FileMend {
  let file: String

  func applied(to finding: Finding) -> Finding {
    var finding = finding
    finding.mend = finding.mend.map(rewritten)
    return finding
  }

  /// Lines that are about neither stay as they are.
  func rewritten(_ mend: String) -> String {
    let lines = mend.split(separator: "\n").map { String($0) }
    guard let first = lines.first, first.hasPrefix("dn: ") else { return lines.map(include).joined(separator: "\n") }
    let dn = String(first.dropFirst(4))
    guard DN.isBelowOrEqual(dn, "cn=config") else { return mend }
    let place = Place(dn)
    if lines.contains("changetype: delete") { return "Take `\(place.opening)` out of \(file); systemctl restart slapd" }
    let settings = lines.dropFirst().compactMap(setting)
    let isFirst = settings.contains { $0.isFirst } ? ", before others of the kind" : ""
    let needsIndexing = settings.contains { $0.line.hasPrefix("index ") }
    return "In \(file), \(place.described)\(isFirst):\n" + settings.map { $0.line }.joined(separator: "\n")
      + (needsIndexing
        ? "\nthen systemctl stop slapd, slapindex as the user that slapd runs as, and systemctl start slapd"
        : "\nthen systemctl restart slapd")
  }

  /// `ldapmodify … -f schema/filled/access.ldif`, as the `include` of its other form.
  private func include(_ line: String) -> String {
    let tools = ["ldapmodify", "ldapadd"].map { "\($0) -Q -Y EXTERNAL -H ldapi:/// -f " }
    guard let tool = tools.first(where: { line.hasPrefix($0) }) else { return line }
    let rest = line.dropFirst(tool.count)
    let name = rest.prefix { $0 != " " && $0 != "," }
    guard name.hasSuffix(".ldif") else { return line }
    let stem = name.dropLast(".ldif".count)
    let form = stem.hasSuffix("schema/drawbridge") ? "schema" : "conf"
    return "In \(file), where docs/directory.md shows it: include …/\(stem).\(form)\(rest.dropFirst(name.count)); "
      + "systemctl restart slapd"
  }

  // MARK: Settings

  private static let keywords = [
    "olcaccess": "access", "olcaccesslogpurge": "logpurge", "olcauthzregexp": "authz-regexp", "olcdbindex": "index",
    "olclimits": "limits", "olcmoduleload": "moduleload", "olcpasswordhash": "password-hash",
    "olcppolicydefault": "ppolicy_default", "olcthreads": "threads",
  ]

  /// Nil for a line that is no value.
  private func setting(_ line: String) -> (line: String, isFirst: Bool)? {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    guard let keyword = Self.keywords[line[..<colon].lowercased()] else { return nil }
    let value = Numbered(String(line[line.utf8.index(after: colon)...].drop { $0 == " " }))
    return ("\(keyword) \(value.text)", value.number == 0)
  }

  /// Where in the file the settings of an entry of `cn=config` stand.
  private struct Place {
    let opening: String
    let described: String

    init(_ dn: String) {
      let rdn = dn.prefix { $0 != "," }
      let name = Numbered(String(rdn.drop { $0 != "=" }.dropFirst())).text
      switch rdn.prefix(while: { $0 != "=" }).lowercased() {
      case "olcoverlay": (opening, described) = ("overlay \(name)", "below `overlay \(name)`")
      case "olcdatabase" where name != "frontend":
        (opening, described) = ("database \(name)", "in the part of the `database \(name)` of \(dn)")
      default: (opening, described) = (name, "above the first `database`")
      }
    }
  }
}
