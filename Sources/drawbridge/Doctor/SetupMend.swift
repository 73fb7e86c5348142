import Wire

/// Where `drawbridge setup` loads a file of `schema/`, it is named instead of the file: it fills in the names, and loads
/// what is missing alone.
enum SetupMend {
  private static let files: Set<String> = [
    "drawbridge", "access", "access-ppolicy", "access-deactivated-bind", "identity", "limits", "index", "shared",
  ]

  static func applied(to finding: Finding) -> Finding {
    var finding = finding
    guard let mend = finding.mend else { return finding }
    let commands = mend.split(separator: "\n").map(command)
    // What has another line as well is more than setup does.
    guard !commands.contains(nil), let command = commands.compactMap({ $0 }).first else { return finding }
    let isOfRights = ["access.", "directory.rights"].contains { finding.check.hasPrefix($0) }
    finding.mend =
      isOfRights && finding.check != "access.invitations"
      ? "\(command)  (where it finds nothing missing, a rule of yours before its own decides: access.order)" : command
    return finding
  }

  /// `ldapmodify … -f schema/filled/access.ldif`; what stands in parentheses behind it is left out.
  private static func command(_ line: Substring) -> String? {
    guard line.hasPrefix("ldapmodify ") || line.hasPrefix("ldapadd ") else { return nil }
    let words = line.split(separator: " ")
    guard let option = words.firstIndex(of: "-f"), option + 1 < words.count else { return nil }
    let name = words[option + 1].split(separator: "/").last?.prefix { $0 != "." && $0 != "," } ?? ""
    guard words[option + 1].hasPrefix("schema/"), files.contains(String(name)) else { return nil }
    if line.hasSuffix("@PEOPLE@") { return "drawbridge setup --people <directory.people>" }
    let rest = words.dropFirst(option + 2).first
    return rest == nil || rest?.hasPrefix("(") == true ? "drawbridge setup" : nil
  }
}
