import Glibc
import Wire

/// Which Unix users slapd takes for the daemon over ldapi, by `olcAuthzRegexp` (slapd-config(5)).
enum IdentityMapping {
  /// - Parameter values: in the order of the configuration; the first that matches decides.
  static func finding(_ values: [String], daemon: String, uid: UInt32, gid: UInt32, bindsExternally: Bool) -> Finding {
    let check = "slapd.identity-map"
    guard !daemon.lowercased().hasSuffix(",cn=external,cn=auth") else {
      return Finding(
        check, .bad, "No olcAuthzRegexp is about the daemon's Unix user \(uid) (group \(gid)).",
        why: "slapd knows the daemon by no name, and gives it nothing.",
        mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/identity.ldif")
    }
    let rules = values.compactMap(Rule.init)
    let mend =
      "olcAuthzRegexp: {0}\"^gidNumber=\(gid)[+]uidNumber=\(uid),cn=peercred,cn=external,cn=auth$\" \"\(daemon)\""
    // Neighbours: other users, other groups, and numbers that this one is the beginning or the end of.
    let strangers: [(UInt32, UInt32)] =
      [(uid &+ 1, gid), (uid &+ 1, gid &+ 1), (12_345_678, 12_345_678)]
      + [UInt32("\(uid)7"), UInt32("7\(uid)")].compactMap { $0.map { ($0, gid) } }
    for (uid, gid) in strangers where maps(uid: uid, gid: gid, to: daemon, by: rules) {
      return Finding(
        check, .bad, "slapd takes the Unix user \(uid) (group \(gid)) for the daemon.",
        why: "Every local user that the pattern fits can read all hashes and secrets.",
        mend: "dn: cn=config\nchangetype: modify\nreplace: olcAuthzRegexp\n\(mend)")
    }
    guard bindsExternally else {
      return Finding(check, .good, "The daemon binds by a name and a password, and no Unix user is taken for it.")
    }
    guard maps(uid: uid, gid: gid, to: daemon, by: rules) else {
      return Finding(
        check, .bad, "No olcAuthzRegexp takes the daemon's Unix user \(uid) (group \(gid)) for \(daemon).",
        why: "After its next start slapd knows the daemon by no name, and gives it nothing.",
        mend: "dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\n\(mend)")
    }
    return Finding(check, .good, "slapd takes the daemon's Unix user alone for \(daemon).")
  }

  private static func maps(uid: UInt32, gid: UInt32, to daemon: String, by rules: [Rule]) -> Bool {
    let name = "gidNumber=\(gid)+uidNumber=\(uid),cn=peercred,cn=external,cn=auth"
    return rules.first { $0.matches(name) }.map { DN.isEqual($0.replacement, daemon) } ?? false
  }

  /// `"pattern" "replacement"`, either without quotes where there is no blank in it.
  private struct Rule {
    let pattern: String
    let replacement: String

    init?(_ value: String) {
      var words: [[UInt8]] = [[]]
      var isQuoted = false
      for byte in value.utf8 {
        if byte == UInt8(ascii: "\"") {
          isQuoted.toggle()
        } else if byte == 0x20, !isQuoted {
          words.append([])
        } else {
          words[words.count - 1].append(byte)
        }
      }
      words.removeAll { $0.isEmpty }
      guard words.count == 2 else { return nil }
      pattern = String(decoding: words[0], as: UTF8.self)
      replacement = String(decoding: words[1], as: UTF8.self)
    }

    /// As slapd does: extended, without case (regex(3)).
    func matches(_ name: String) -> Bool {
      var compiled = regex_t()
      guard regcomp(&compiled, pattern, REG_EXTENDED | REG_ICASE) == 0 else { return false }
      defer { regfree(&compiled) }
      return regexec(&compiled, name, 0, nil, 0) == 0
    }
  }
}
