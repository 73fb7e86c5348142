import Wire

/// The checks that only an administrator of slapd can make, on the directory's host.
struct SlapdChecks {
  let observer: SlapdObserver
  let daemon: DaemonFacts
  /// An administrator of accounts; else a member of the group that our own access rule names.
  let administrator: String?

  private static let ofConfiguration = [
    "slapd.indexes", "slapd.limits", "slapd.rootdn", "slapd.identity-map", "slapd.password-modules",
    "slapd.password-hash", "slapd.pass-through", "access.order", "access.deactivated-bind", "ppolicy.settings",
    "replication.topology",
    "logs.accesslog", "logs.auditlog",
  ]
  private static let ofAccess =
    AccessAsSeen.Identity.allCases.map { "access.\($0.rawValue)" } + ["access.simple-bind", "access.invitations"]

  /// Every check, as not made.
  static func unseen(_ unseen: Unseen) -> [Finding] {
    (["slapd.version"] + ofConfiguration + ofAccess).map { .unseen($0, unseen) }
  }

  func findings() -> [Finding] {
    let configuration = observer.configuration(as: observer.whoami())
    let database = configuration.flatMap { configuration in
      configuration.database(holding: daemon.base).map { .success($0) }
        ?? .failure(Unseen("No database of this slapd holds \(daemon.base): is it the daemon's directory?"))
    }
    var findings = version(try? configuration.get())
    switch (configuration, database) {
    case (.success(let configuration), .success(let database)):
      let policies = PasswordPolicies.findings(overlay: database.overlay("ppolicy"), policies: policies(database))
      findings += settings(configuration, database) + policies
      findings += [
        deactivatedBinds(database, policies), accesslog(database, configuration), auditlog(database),
      ]
    case (.failure(let unseen), _), (_, .failure(let unseen)):
      findings += Self.ofConfiguration.map { .unseen($0, unseen) }
    }
    return findings + access(try? database.get())
  }

  private func version(_ configuration: SlapdConfiguration?) -> [Finding] {
    switch observer.version() {
    case .success(let version): version.findings(configuration, file: observer.file)
    case .failure(let unseen): [.unseen("slapd.version", unseen)]
    }
  }

  // MARK: cn=config

  private func settings(
    _ configuration: SlapdConfiguration, _ database: SlapdConfiguration.Database
  ) -> [Finding] {
    var findings = [Indexes.finding(database, logins: daemon.logins)]
    if let name = daemon.daemon {
      findings += Limits.findings(database, daemon: name)
      findings.append(
        IdentityMapping.finding(
          configuration.global.ordered("olcAuthzRegexp"), daemon: name, uid: daemon.uid, gid: daemon.gid,
          bindsExternally: daemon.bindsExternally))
    } else {
      let unseen = Unseen("The daemon does not know by which name the directory knows it")
      findings += ["slapd.limits", "slapd.rootdn", "slapd.identity-map"].map { .unseen($0, unseen) }
    }
    return findings + passwords(configuration) + [
      AccessRules.order(database.entry.ordered("olcAccess"), account: daemon.account ?? daemon.people),
      Replication.finding(database),
    ]
  }

  private func passwords(_ configuration: SlapdConfiguration) -> [Finding] {
    guard let schemes = daemon.schemes, let count = daemon.passingThrough else {
      let unseen = Unseen("The daemon could not count the passwords")
      return ["slapd.password-modules", "slapd.pass-through"].map { .unseen($0, unseen) } + [
        SlapdHashes.finding(configuration)
      ]
    }
    return [
      StoredPasswords.modules(configuration, schemes: schemes), SlapdHashes.finding(configuration),
      StoredPasswords.passThrough(
        configuration, count: count, sasl: Self.saslFiles.compactMap(SmallFile.read).first),
    ]
  }

  private func policies(_ database: SlapdConfiguration.Database) -> Result<[LDIFEntry], Unseen> {
    guard database.overlay("ppolicy") != nil else { return .success([]) }
    return observer.entries(
      under: database.suffixes.first ?? daemon.base, filter: "(objectClass=pwdPolicy)", PasswordPolicies.attributes)
  }

  /// Where Debian's slapd looks for it.
  private static let saslFiles = [
    "/etc/ldap/sasl2/slapd.conf", "/usr/lib/sasl2/slapd.conf", "/usr/lib/x86_64-linux-gnu/sasl2/slapd.conf",
  ]

  private func accesslog(
    _ database: SlapdConfiguration.Database, _ configuration: SlapdConfiguration
  ) -> Finding {
    let overlay = database.overlay("accesslog")
    guard let overlay, let log = overlay.value("olcAccessLogDB") else {
      return ChangeLogs.accesslog(overlay, in: nil, readers: [])
    }
    let readers = [("Anybody", nil), ("A user", daemon.account)].map { who, identity in
      (who, observer.rights(of: identity, in: log, to: ["reqMod"]))
    }
    return ChangeLogs.accesslog(overlay, in: configuration.database(holding: log)?.entry.dn, readers: readers)
  }

  private func auditlog(_ database: SlapdConfiguration.Database) -> Finding {
    let overlay = database.overlay("auditlog")
    return ChangeLogs.auditlog(
      overlay, mode: overlay?.value("olcAuditlogFile").flatMap { ConfigurationFolder.file($0)?.mode })
  }

  // MARK: Access rules

  private func deactivatedBinds(
    _ database: SlapdConfiguration.Database, _ policies: [Finding]
  ) -> Finding {
    let sample = daemon.deactivated.map { observer.rights(of: nil, in: $0, to: AccessAsSeen.hash) }
    let rules = database.entry.ordered("olcAccess")
    let lock: SimpleBinds.Lock
    if database.overlay("ppolicy") == nil {
      lock = .none
    } else if policies.contains(where: { $0.verdict == .unknown }) {
      lock = .unseen
    } else {
      lock = policies.contains { $0.check == "ppolicy.lockout" } ? .withoutEffect : .holds
    }
    return SimpleBinds.ofDeactivated(sample: sample, rules: rules, lock: lock)
  }

  private func access(_ database: SlapdConfiguration.Database?) -> [Finding] {
    guard let first = daemon.account else {
      let unseen = Unseen("The daemon sees no account that is in use, to try the access rules on")
      return Self.ofAccess.map { .unseen($0, unseen, mend: "Invite somebody, and ask again") }
    }
    let group = administrators(database)
    let members = ((try? group.get())?.all ?? []) + [administrator].compactMap { $0 }
    // What an administrator may do in the own entry is no owner's right.
    let owners = plain(members)
    let account = owners.first ?? first
    let hasPolicy = database?.overlay("ppolicy") != nil
    let names = daemon.names
    let attributes = AccessAsSeen.attributes(names: names, knowsPasswordPolicy: hasPolicy)
    func rights(_ identity: String?) -> Result<Rights, Unseen> {
      observer.rights(of: identity, in: account, to: attributes)
    }
    let anonymous = rights(nil)
    let seen = AccessAsSeen.Identity.allCases.map { identity in
      switch identity {
      case .anonymous: (identity, anonymous)
      case .owner:
        (
          identity,
          owners.isEmpty
            ? .failure(Unseen("Every account that is in use is an administrator's, who may do more than an owner"))
            : rights(account)
        )
      case .other: (identity, rights(owners.dropFirst().first ?? "cn=somebody else,\(daemon.base)"))
      case .administrator:
        (identity, (administrator.map { .success($0) } ?? group.map(\.first)).flatMap { rights($0) })
      case .daemon:
        (identity, daemon.daemon.map { rights($0) } ?? .failure(Unseen("The directory knows the daemon by no name")))
      }
    }
    return AccessAsSeen.findings(names: names, knowsPasswordPolicy: hasPolicy, seen)
      + [SimpleBinds.pastTheAuthenticator(anonymous), invitations()]
  }

  private func invitations() -> Finding {
    let rights = daemon.daemon.map { observer.rights(of: $0, in: daemon.people, to: ["children"]) }
    return AccessAsSeen.invitations(
      rights ?? .failure(Unseen("The directory knows the daemon by no name")), people: daemon.people)
  }

  /// Accounts in use that are no administrators'; two at most.
  private func plain(_ administrators: [String]) -> [String] {
    func isPlain(_ dn: String) -> Bool { !administrators.contains { DN.isEqual($0, dn) } }
    let samples = [daemon.account, daemon.other].compactMap { $0 }.filter(isPlain)
    guard samples.isEmpty else { return samples }
    let filter = "(&(objectClass=drawbridgeAccount)(!(drawbridgeDeactivatedTime=*)))"
    let others = try? observer.entries(under: daemon.base, filter: filter, ["1.1"]).get()
    return Array((others ?? []).map(\.dn).filter(isPlain).prefix(2))
  }

  /// The members of the group that our own access rule names: one or more.
  private func administrators(_ database: SlapdConfiguration.Database?) -> Result<
    (first: String, all: [String]), Unseen
  > {
    guard let database, let group = AccessRules.administrators(database.entry.ordered("olcAccess")) else {
      return .failure(Unseen("No access rule names a group of administrators; --administrator DN names one"))
    }
    return observer.entries(under: group, scope: "base", filter: "(objectClass=*)", ["member"]).flatMap { entries in
      let members = entries.first { DN.isEqual($0.dn, group) }?.values("member") ?? []
      guard let first = members.first else {
        return .failure(Unseen("\(group) has no member; --administrator DN names an administrator"))
      }
      return .success((first, members))
    }
  }
}
