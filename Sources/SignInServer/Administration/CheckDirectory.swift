internal import Directory
internal import SignIn
internal import Wire

/// What the daemon sees of its directory servers.
enum CheckDirectory {
  static func findings(
    of seen: [(uri: String, facts: Result<ServerFacts, DirectoryError>)], at now: Timestamp
  ) -> [Finding] {
    let several = seen.count > 1
    return seen.flatMap { server in
      let findings =
        switch server.facts {
        case .success(let facts): Self.findings(of: facts, at: now)
        case .failure(let error): [unreachable(server.uri, error)]
        }
      guard several else { return findings }
      return findings.map { finding in
        var finding = finding
        finding.what = "\(server.uri): \(finding.what)"
        return finding
      }
    }
  }

  static func findings(of facts: ServerFacts, at now: Timestamp) -> [Finding] {
    [
      Finding("directory.server", .good, "\(facts.uri) answers."), transport(facts), identity(facts), controls(facts),
      schema(facts), entries(facts), version(facts), rights(facts), names(facts), passwordPolicy(facts),
      clock(facts, at: now),
    ].compactMap { $0 }
  }

  private static func unreachable(_ uri: String, _ error: DirectoryError) -> Finding {
    Finding(
      "directory.server", .bad, "The directory cannot be used: \(error.text)",
      why: "Without it nobody signs in: clients hear LATER.",
      mend: "systemctl status slapd; then look at directory.uris, directory.bind and directory.ca-file")
  }

  private static func transport(_ facts: ServerFacts) -> Finding {
    let check = "directory.transport"
    switch facts.transport {
    case .local: return Finding(check, .good, "The directory is reached over a Unix socket of this host.")
    case .tls: return Finding(check, .good, "The directory is reached over TLS, and its certificate is verified.")
    case .clear:
      return Finding(
        check, .warning, "The directory is reached in clear.",
        why: "Whoever can listen on this host's network sees hashes and the bind password.",
        mend: "directory.uris = [\"ldapi:///\"], or \"ldaps://…\", or directory.start-tls = true")
    }
  }

  private static func identity(_ facts: ServerFacts) -> Finding {
    guard facts.identity.lowercased().hasSuffix(",cn=external,cn=auth") else {
      return Finding("directory.identity", .good, "The server knows the daemon as \(facts.identity).")
    }
    return Finding(
      "directory.identity", .bad, "The server knows the daemon as \(facts.identity) alone.",
      why: "No access rule is about that name: the daemon finds no accounts, and cannot write any.",
      mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/identity.ldif")
  }

  private static func controls(_ facts: ServerFacts) -> Finding {
    let wanted = [ServerFacts.assertionControl: "assertion", ServerFacts.postReadControl: "post-read"]
    let missing = wanted.filter { !facts.controls.contains($0.key) }.values.sorted()
    guard !missing.isEmpty else {
      return Finding("directory.controls", .good, "The server has assertion and post-read controls.")
    }
    return Finding(
      "directory.controls", missing.contains("assertion") ? .bad : .warning,
      "The server has no \(missing.joined(separator: " and no ")) control, or hides its root entry.",
      why: "Every decision is a change that carries its condition (RFC 4528); without that none can be made.",
      mend: "Use OpenLDAP 2.5 or later, and give olcDatabase={-1}frontend: to dn.base=\"\" by * read")
  }

  private static func schema(_ facts: ServerFacts) -> Finding {
    let load = "ldapadd -Q -Y EXTERNAL -H ldapi:/// -f schema/drawbridge.ldif"
    guard facts.knowsAccounts else {
      return Finding(
        "directory.schema", .bad, "The server does not know drawbridgeAccount.",
        why: "No entry can take part.", mend: load)
    }
    guard facts.unknownAttributes.isEmpty else {
      return Finding(
        "directory.schema", .bad,
        "The server's schema is older than this daemon: it lacks \(facts.unknownAttributes.joined(separator: ", ")).",
        why: "A change that names one of them is refused whole.",
        mend: "Replace the entry cn={n}drawbridge,cn=schema,cn=config with the one of schema/drawbridge.ldif")
    }
    return Finding("directory.schema", .good, "The server knows drawbridgeAccount and all its attributes.")
  }

  private static func entries(_ facts: ServerFacts) -> Finding {
    guard !facts.hidden.isEmpty else {
      return Finding("directory.entries", .good, "The daemon sees the base, the people and the shared entry.")
    }
    return Finding(
      "directory.entries", .bad, "The daemon does not see \(facts.hidden.joined(separator: " nor ")).",
      why: "What it may not see does not exist for it: logins are unknown, invitations and sweeps fail.",
      mend: """
        ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif
        ldapadd -x -W -H ldapi:/// -D <rootdn> -f schema/filled/shared.ldif
        """)
  }

  private static func version(_ facts: ServerFacts) -> Finding {
    let check = "directory.schema-version"
    guard let stored = facts.sharedEntry?.schemaVersion else {
      return Finding(
        check, .unknown, "The shared entry names no version of the schema, or cannot be read.",
        why: "Daemons of different versions could not tell each other.",
        mend: "ldapadd -x -W -H ldapi:/// -D <rootdn> -f schema/filled/shared.ldif")
    }
    guard stored == AccountDirectory.schemaVersion else {
      return Finding(
        check, .bad,
        "The shared entry has version \(stored) of the schema; this daemon knows \(AccountDirectory.schemaVersion).",
        why: "Another version may mean another thing by an attribute.",
        mend: "Install the drawbridged that goes with it on every host, or load the schema of this one.")
    }
    return Finding(check, .good, "The shared entry has version \(stored) of the schema, as this daemon.")
  }

  private static func rights(_ facts: ServerFacts) -> Finding {
    let check = "directory.rights"
    guard let account = facts.account else {
      return Finding(
        check, .unknown, "The daemon sees no account to try its rights on.",
        why: "A missing right looks like a lost race (122): right codes are answered LATER.",
        mend: "Invite somebody, or look at directory.base and schema/access; then ask again")
    }
    guard !facts.unsearchable.isEmpty else {
      return Finding(check, .good, "Conditions that are true are found true (tried on \(account)).")
    }
    return Finding(
      check, .bad, "The daemon may not search \(facts.unsearchable.joined(separator: ", ")) in \(account).",
      why: "A condition on them is never true: slapd answers 122 as if the entry had changed, and clients hear LATER.",
      mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif  (access-ppolicy.ldif for pwd…)")
  }

  /// Nil where there is no account to look at: that is told already.
  private static func names(_ facts: ServerFacts) -> Finding? {
    let check = "directory.names"
    guard let account = facts.account else { return nil }
    guard !facts.unseenNames.isEmpty else {
      return Finding(check, .good, "The daemon sees what people are found and organisations are told apart by.")
    }
    return Finding(
      check, .bad, "The daemon may not search and read \(facts.unseenNames.joined(separator: ", ")) in \(account).",
      why:
        "Whom directory.login-attributes should find does not exist for it; by organisations.attribute everybody is in "
        + "no organisation.",
      mend: """
        In the rule of schema/filled/access.ldif that names uid,mail: add the attribute, and load it:
        ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif
        """)
  }

  private static func passwordPolicy(_ facts: ServerFacts) -> Finding {
    guard facts.knowsPasswordPolicy else {
      return Finding(
        "directory.ppolicy", .note, "ppolicy is not loaded: a deactivation is a marker, and no lock of slapd.",
        why: "Drawbridge refuses deactivated accounts; whether slapd does, access.deactivated-bind tells.")
    }
    return Finding(
      "directory.ppolicy", .good, "ppolicy is loaded: a deactivation also sets pwdAccountLockedTime.")
  }

  private static let clockMaxSeconds: Int64 = 10

  private static func clock(_ facts: ServerFacts, at now: Timestamp) -> Finding {
    let check = "directory.clock"
    let why = "Inactivity is counted by these clocks, and an authenticator's code lives for a minute at the most."
    let mend = "timedatectl set-ntp true  (on both hosts)"
    func judge(_ a: Timestamp, _ b: Timestamp, _ when: String) -> Finding {
      let seconds = max(a.secondsSince(b), b.secondsSince(a))
      guard seconds > clockMaxSeconds else {
        return Finding(check, .good, "The clocks of the daemon and of the directory agree\(when).")
      }
      return Finding(
        check, seconds > 86_400 ? .bad : .warning,
        "The clocks of the daemon and of the directory are \(seconds) s apart\(when).", why: why, mend: mend)
    }
    if let time = facts.time { return judge(now, time, "") }
    if let shared = facts.sharedEntry, let stamped = shared.stamped, let modified = shared.modified {
      // Whoever else has written since has only moved `modified` forward.
      let isBehind = modified < stamped.adding(seconds: -clockMaxSeconds)
      if isBehind || modified.secondsSince(stamped) <= clockMaxSeconds {
        return judge(stamped, modified, " (at the last sweep)")
      }
    }
    if facts.transport == .local {
      return Finding(check, .good, "The directory is on this host, and has the same clock.")
    }
    return Finding(
      check, .unknown,
      "The directory does not tell its time: it has no cn=Monitor for the daemon, and no sweep ran yet.",
      why: why,
      mend:
        "drawbridge sweep, and then again: drawbridge doctor; or give slapd a `database monitor` that the daemon reads")
  }
}
