import ArgumentParser

/// Where the parts of a house are, and what they are called.
struct SetupOptions: ParsableArguments {
  @Option(help: "The directory's own socket.")
  var ldapi = "ldapi:///"
  @Option(help: "The suffix of the database that holds the accounts. Needed where slapd has several.")
  var suffix: String?
  @Option(help: "The entry below which invitations make accounts. Else ou=people under the suffix.")
  var people: String?
  @Option(help: "What slapd is to call the daemon. Else cn=drawbridged,ou=services under the suffix.")
  var daemonDn: String?
  @Option(help: "The groupOfNames whose members administer accounts. Else cn=admins,ou=groups under the suffix.")
  var administrators: String?
  @Option(help: "The Unix user that the daemon runs as.")
  var user = "drawbridge"
  @Option(help: "slapd's configuration on the disk. Else where Debian has it.", completion: .file())
  var slapdConfig: String?

  @Option(help: "The daemon's configuration, written where there is none.", completion: .file())
  var config = "/etc/drawbridge/drawbridged.toml"
  @Option(help: "The daemon's key ring, made where there is none.", completion: .file())
  var keyRing = "/etc/drawbridge/keys"
  @Option(help: "The mail server, or off.")
  var smtp = "smtp://localhost:25"
  @Option(help: "The sender of mails. Else sso@ and the suffix as a domain.")
  var from: String?
  @Option(help: "Where users find help; in each mail.")
  var support: String?
  @Option(help: "The folder of the daemon's sockets. Else the standard one.", completion: .directory)
  var sockets: String?

  /// - Throws: what keeps the names from standing in slapd's rules.
  func names(
    suffix: String, database: SlapdConfiguration.Database, user: UnixUser
  ) throws(Unseen) -> SetupNames {
    let names = SetupNames(
      suffix: suffix, people: people ?? "ou=people,\(suffix)", shared: "cn=drawbridge,\(suffix)",
      daemon: daemonDn ?? "cn=drawbridged,ou=services,\(suffix)",
      administrators: administrators ?? "cn=admins,ou=groups,\(suffix)", database: database.entry.dn, uid: user.uid,
      gid: user.gid)
    if let unfit = names.unfit {
      throw Unseen(
        "\"\(unfit)\" is no name of an entry, or holds a character that means something else in slapd's rules")
    }
    guard DN.isBelowOrEqual(names.people, suffix) else { throw Unseen("\(names.people) is not below \(suffix)") }
    return names
  }

  /// Where setups leave their records.
  var records: SetupRecord { SetupRecord(folder: "\(DaemonFiles.folder(of: config))/setup") }
}
