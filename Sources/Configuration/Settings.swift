extension Configuration {
  /// Every setting but those of `[[listen]]`, in the order of the documentation.
  static let settings =
    directorySettings + keySettings + mailSettings + passwordSettings + totpSettings + codeSettings + recoverySettings
    + inactivitySettings + forgotSettings + limitSettings + sessionSettings + jwtSettings + organisationsSettings
    + textSettings + metricsSettings + logSettings

  private static let directorySettings: [Setting<Configuration>] = [
    Setting(
      "directory.uris", .list(of: .directoryURI, 1...16), .value("ldapi:///"), to: \.directory.uris,
      "LDAP servers; the first healthy one is used."),
    Setting(
      "directory.base", .distinguishedName, .required, to: \.directory.base, "The entry under which accounts are found."
    ),
    Setting(
      "directory.people", .distinguishedName, .derived("`directory.base`"), to: \.directory.people,
      "The entry under which an invitation makes new accounts; it exists, and is the base or lies below it."),
    Setting("directory.rdn", .attribute, .value("uid"), to: \.directory.rdn, "The attribute that names new accounts."),
    Setting(
      "directory.login-attributes", .list(of: .attribute, 1...4), .value("mail"), to: \.directory.loginAttributes,
      "Attributes that a login is looked up in, the primary one first."),
    Setting(
      "directory.shared-entry", .distinguishedName, .derived("`cn=drawbridge,` and the base"),
      to: \.directory.sharedEntry, "The entry that all daemons of one installation share."),
    Setting(
      "directory.bind", .choice, .value("external"), to: \.directory.bind,
      "`external`: known by the Unix user, over `ldapi://`; `simple`: by a DN and a password."),
    Setting(
      "directory.bind-dn", .distinguishedName, .none, toOptional: \.directory.bindDN, "Who binds, with `simple`."),
    Setting(
      "directory.bind-password-file", .passwordFile, .derived("the credential `bind-password`"),
      toOptional: \.directory.bindPasswordFile, "A file with the password, with `simple`."),
    Setting("directory.start-tls", .flag, .value("false"), to: \.directory.startTLS, "StartTLS, over `ldap://`."),
    Setting(
      "directory.ca-file", .path, .none, toOptional: \.directory.caFile,
      "Certificates of authorities in PEM, in place of the host's."),
    Setting(
      "directory.connect-timeout", .duration(.milliseconds(100)...(.minutes(1))), .value("2s"),
      to: \.directory.connectTimeout, "For a connection to one server, TLS and bind included."),
    Setting(
      "directory.operation-timeout", .duration(.milliseconds(100)...(.minutes(1))), .value("3s"),
      to: \.directory.operationTimeout,
      "For the answer to one operation. A page of a sweep or a list, for which slapd may look at every entry, has 20 times as long."
    ),
    Setting(
      "directory.total-timeout", .duration(.milliseconds(100)...(.minutes(5))), .value("10s"),
      to: \.directory.totalTimeout, "For an operation with everything that is tried again."),
    Setting(
      "directory.return-after", .duration(.seconds(1)...(.hours(1))), .value("30s"), to: \.directory.returnAfter,
      "How long an earlier server of `directory.uris` must have been fit again before it is returned to."),
    Setting(
      "directory.operations-max", .integer(1...1_000), .value("64"), to: \.directory.operationsMax,
      "Operations under way on one connection; slapd hangs up on too many."),
  ]

  private static let keySettings: [Setting<Configuration>] = [
    Setting(
      "keys.ring", .path, .value("/etc/drawbridge/keys"), to: \.keys.ring,
      "The daemon's own file of keys, mode 0400 or 0600; unless set, the credential `keys` of systemd where there is one. [keys.md](keys.md) describes it."
    )
  ]

  private static let mailSettings: [Setting<Configuration>] = [
    Setting(
      "mail.server", .mailServer, .value("smtp://localhost:25"), to: \.mail.server,
      "The mail server, `smtps://` for TLS from the first byte; `off` sends nothing."),
    Setting("mail.from", .address, .derived("none; needed unless mail is off"), toOptional: \.mail.from, "The sender."),
    Setting("mail.from-name", .text(maxBytes: 200), .none, toOptional: \.mail.fromName, "The name beside the sender."),
    Setting(
      "mail.start-tls", .choice, .derived("`never` to this host, `required` to others"), to: \.mail.startTLS,
      "Whether `smtp://` must, may or must not be encrypted."),
    Setting("mail.user", .text(maxBytes: 256), .none, toOptional: \.mail.user, "Who logs in at the mail server."),
    Setting(
      "mail.password-file", .passwordFile, .derived("the credential `mail-password`"), toOptional: \.mail.passwordFile,
      "A file with the user's password."),
    Setting(
      "mail.ca-file", .path, .none, toOptional: \.mail.caFile,
      "Certificates of authorities in PEM, in place of the host's."),
    Setting(
      "mail.timeout", .duration(.milliseconds(100)...(.minutes(5))), .value("10s"), to: \.mail.timeout,
      "For sending one message, everything included."),
    Setting(
      "mail.queue-max", .integer(1...100_000), .value("1000"), to: \.mail.queueMax,
      "Messages that wait; more are dropped, and logged."),
    Setting(
      "mail.templates", .path, .none, toOptional: \.mail.templates, "A folder of texts that replace built-in ones."),
    Setting(
      "mail.product", .text(maxBytes: 64), .value("Single Sign-On"), to: \.mail.product,
      "What users know this installation as."),
    Setting(
      "mail.support", .text(maxBytes: 300), .none, toOptional: \.mail.support, "Where users find help; in each mail."),
  ]

  private static let passwordSettings: [Setting<Configuration>] = [
    Setting(
      "password.profile", .choice, .value("guide"), to: \.password.profile,
      "`guide`: 8–16 characters, three of four classes; `nist`: length and no common ones."),
    Setting(
      "password.history", .integer(0...24), .value("0"), to: \.password.history,
      "Earlier passwords that must not come back."),
    Setting(
      "password.blocked-list", .path, .none, toOptional: \.password.blockedList,
      "A file of passwords that are too common, one a line."),
    Setting(
      "password.memory-kib", .integer(8...262_144), .value("19456"), to: \.password.memoryKiB,
      "Memory of one Argon2id hash."),
    Setting("password.passes", .integer(1...10), .value("2"), to: \.password.passes, "Passes of Argon2id."),
    Setting("password.lanes", .integer(1...16), .value("1"), to: \.password.lanes, "Lanes of Argon2id."),
    Setting(
      "password.upgrade", .flag, .value("false"), to: \.password.upgrade,
      "Write an older hash anew after a sign-in with it."),
  ]

  private static let totpSettings: [Setting<Configuration>] = [
    Setting(
      "totp.issuer", .issuer, .derived("`mail.product`"), to: \.totp.issuer, "What authenticator apps show."),
    Setting(
      "totp.window-back", .integer(0...1), .value("1"), to: \.totp.windowBack, "Earlier steps of 30 s that count."),
    Setting(
      "totp.window-forward", .integer(0...1), .value("0"), to: \.totp.windowForward, "Later steps of 30 s that count."),
  ]

  private static let codeSettings: [Setting<Configuration>] = [
    Setting(
      "code.lifetime", .duration(.seconds(1)...(.minutes(10))), .value("300s"), to: \.code.lifetime,
      "How long a mailed code is valid."),
    Setting(
      "code.cooldown", .duration(.zero...(.hours(1))), .value("60s"), to: \.code.cooldown,
      "Between two mails to one account."),
    Setting(
      "code.per-hour", .integer(1...30), .value("5"), to: \.code.perHour, "Mails to one account in an hour."),
    Setting(
      "code.per-day", .integer(1...30), .value("10"), to: \.code.perDay, "Mails to one account in a day."),
  ]

  private static let recoverySettings: [Setting<Configuration>] = [
    Setting(
      "recovery.codes", .integer(0...16), .value("8"), to: \.recovery.codes,
      "Recovery codes that are shown when an authenticator is set up; 0 for none.")
  ]

  private static let inactivitySettings: [Setting<Configuration>] = [
    Setting(
      "inactivity.limit", .duration(.days(2)...(.maximum)), .value("365d"), to: \.inactivity.limit,
      "After which an account that is not used is deactivated."),
    Setting(
      "inactivity.sweep-every", .durationOrOff(.seconds(1)...(.days(30))), .value("24h"), to: \.inactivity.sweepEvery,
      "How often idle accounts are looked for."),
    Setting(
      "inactivity.sweep-at", .list(of: .timeOfDay, 0...24), .value(""), to: \.inactivity.sweepAt,
      "Times of the day at which they are looked for, by the host's time zone, in place of an interval."),
    Setting(
      "inactivity.jitter", .duration(.zero...(.hours(12))), .value("10m"), to: \.inactivity.jitter,
      "A sweep begins so much later at the most, by chance; of an interval, a tenth at the most."),
    Setting(
      "inactivity.warn-before",
      .list(of: .duration(.hours(1)...(.days(365))), 0...8).called("list of durations, 1h–365d"),
      .value("30d,7d"), to: \.inactivity.warnBefore,
      "How long before the deactivation the owner is warned by mail; an empty list for never."),
    Setting(
      "inactivity.exempt-group", .distinguishedName, .none, toOptional: \.inactivity.exemptGroup,
      "A `groupOfNames` whose members are neither deactivated nor warned."),
    Setting(
      "inactivity.changes-per-second", .integer(0...10_000), .value("20"), to: \.inactivity.changesPerSecond,
      "What sweeps and rotations of keys may change in the directory; 0 for no limit."),
    Setting(
      "inactivity.records", .pathOrOff, .value("/var/lib/drawbridge/sweeps"), to: \.inactivity.records,
      "The folder of the records by which a sweep can be taken back; `off` for none."),
    Setting(
      "inactivity.invitation-lifetime", .duration(.seconds(1)...(.days(365))), .value("14d"),
      to: \.inactivity.invitationLifetime, "How long an invitation can be taken up."),
  ]

  private static let forgotSettings: [Setting<Configuration>] = [
    Setting(
      "forgot.mail-code", .flag, .value("false"), to: \.forgot.mailCode,
      "A forgotten password asks for a mailed code before that of the app.")
  ]

  private static let limitSettings: [Setting<Configuration>] = [
    Setting(
      "limits.connections-max", .integer(1...100_000), .value("1000"), to: \.limits.connectionsMax,
      "Connections at a time."),
    Setting(
      "limits.connections-per-uid-max", .integer(1...100_000), .derived("a quarter of `connections-max`"),
      toOptional: \.limits.connectionsPerUIDMax,
      "Connections at a time of one Unix user who is neither root, nor the daemon's, nor trusted."),
    Setting(
      "limits.connections-per-source-max", .integer(1...100_000), .value("10"), to: \.limits.connectionsPerSourceMax,
      "Connections over TLS at a time of one IPv4 address or IPv6 network of 64 bits, without a trusted certificate."),
    Setting(
      "limits.startups", .startups, .value("10:30:200"), to: \.limits.startups,
      "Connections over TLS whose user is not known yet: from the first number on, so many percent of new ones are "
        + "refused, more with each further one, and all from the last on."),
    Setting(
      "limits.hash-queue-max", .integer(1...10_000), .value("64"), to: \.limits.hashQueueMax,
      "Password hashes that wait; more are answered `LATER`."),
    Setting(
      "limits.hash-threads", .integer(0...256), .value("0"), to: \.limits.hashThreads,
      "Threads that hash; 0 for one a processor core."),
    Setting(
      "limits.idle-timeout", .duration(.seconds(10)...(.hours(24))), .value("10m"), to: \.limits.idleTimeout,
      "How long such a user may keep a connection without a flow."),
    Setting(
      "limits.refusal-floor", .duration(.zero...(.seconds(10))), .value("1s"), to: \.limits.refusalFloor,
      "No refusal comes sooner."),
    Setting(
      "limits.shadow-max", .integer(1...10_000_000), .value("65536"), to: \.limits.shadowMax,
      "Unknown logins whose tries are remembered."),
    Setting(
      "limits.trusted-uids", .list(of: .uid, 0...64), .value(""), to: \.limits.trustedUIDs,
      "Unix users beside root whose `from=` is believed."),
  ]

  private static let sessionSettings: [Setting<Configuration>] = [
    Setting(
      "session.lifetime", .duration(.minutes(1)...(.days(30))), .value("12h"), to: \.session.lifetime,
      "How long a sign-in is good for, whatever is done in it."),
    Setting(
      "session.idle", .durationOrOff(.minutes(1)...(.days(30))), .value("off"), to: \.session.idle,
      "After which a session that nobody asks about is over; `off` where clients do not keep the tokens that `SESSION` answers."
    ),
  ]

  private static let jwtSettings: [Setting<Configuration>] = [
    Setting(
      "jwt.issuer", .text(maxBytes: 200), .derived("none: no token is signed"), toOptional: \.jwt.issuer,
      "What this installation calls itself in signed tokens (`iss`), such as `https://sso.example.com`."),
    Setting(
      "jwt.keys", .list(of: .path, 1...8), .value("/etc/drawbridge/jwt.pem"), to: \.jwt.keys,
      "Files of private keys (P-256, PEM), the daemon's own, mode 0400 or 0600; the first one signs, all are published. Unless set, the credential `jwt` of systemd where there is one."
    ),
    Setting(
      "jwt.lifetime", .duration(.seconds(30)...(.minutes(15))), .value("5m"), to: \.jwt.lifetime,
      "How long a signed token is good for: nothing takes it back before."),
  ]

  private static let organisationsSettings: [Setting<Configuration>] = [
    Setting(
      "organisations.attribute", .attribute, .value("o"), to: \.organisations.attribute,
      "The attribute that tells organisations with a `value` apart."),
    Setting(
      "organisations.digest", .choice, .value("on"), to: \.organisations.digest,
      "Whether administrators of organisations are told each month who will be deactivated."),
  ]

  private static let textSettings: [Setting<Configuration>] = [
    Setting(
      "texts.language", .name, .value("en"), to: \.texts.language,
      "The language of who asks for none, or for one that is not there: its tag, such as `fr`."),
    Setting(
      "texts.folder", .path, .none, toOptional: \.texts.folder,
      "A folder of files such as `fr.txt`, whose texts replace built-in ones or add a language."),
    Setting(
      "texts.deactivated", .text(maxBytes: 300), .derived("the user guide's text in each language"),
      toOptional: \.texts.deactivated,
      "What the owner of an account that was idle for too long is told, in place of the text of every language."),
    Setting(
      "texts.deactivated-by-administrator", .text(maxBytes: 300), .derived("a text in each language"),
      toOptional: \.texts.deactivatedByAdministrator, "The same, where an administrator deactivated it."),
    Setting(
      "texts.contact", .text(maxBytes: 300), .none, toOptional: \.texts.contact, "Who the Administrator is."),
  ]

  private static let logSettings: [Setting<Configuration>] = [
    Setting("log.level", .choice, .value("info"), to: \.log.level, "The least that is logged.")
  ]
}

extension OrganisationTable {
  static let settings: [Setting<OrganisationTable>] = [
    Setting("name", .name, .required, to: \.name, "What it is called in lists, records and commands."),
    Setting(
      "subtree", .distinguishedName, .none, toOptional: \.subtree,
      "The entry under which its accounts are; of several around an account, the longest counts."),
    Setting(
      "value", .text(maxBytes: 256), .none, toOptional: \.value,
      "In place of a subtree: the value of `organisations.attribute` that its accounts have."),
    Setting(
      "administrators", .distinguishedName, .none, toOptional: \.administrators,
      "The `groupOfNames` whose members administer it."),
    Setting(
      "contact", .text(maxBytes: 300), .derived("`texts.contact`"), toOptional: \.contact,
      "Who its Administrator is; shown to the owner of a deactivated account."),
    Setting(
      "inactivity-limit", .duration(.days(2)...(.maximum)), .derived("`inactivity.limit`"),
      toOptional: \.inactivityLimit, "After which one of its accounts that is not used is deactivated."),
    Setting(
      "password-profile", .choice, .derived("`password.profile`"), toOptional: \.passwordProfile,
      "The rule for its passwords."),
  ]
}

extension ServiceTable {
  static let settings: [Setting<ServiceTable>] = [
    Setting("name", .name, .required, to: \.name, "What the relying application says as `service=`."),
    Setting(
      "group", .distinguishedName, .derived("everybody"), toOptional: \.group,
      "The `groupOfNames` whose members alone may sign in to it."),
    Setting(
      "sessions", .choice, .value("any"), to: \.sessions,
      "`own`: a session that was opened for it is good for nothing else."),
    Setting(
      "grace", .duration(.zero...(.minutes(10))), .value("0s"), to: \.grace,
      "How long the doors that take password and code as one string take the same string again; 0 for never."),
    Setting(
      "jwt", .flag, .value("false"), to: \.jwt,
      "Its sign-ins, and sessions that it asks about, bring a signed token (`jwt.issuer`)."),
  ]
}

extension TimeSpan {
  static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(clamping: count) }
  static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(clamping: count * 1_000) }
  static func minutes(_ count: Int64) -> TimeSpan { seconds(count * 60) }
  static func hours(_ count: Int64) -> TimeSpan { minutes(count * 60) }
  static func days(_ count: Int64) -> TimeSpan { hours(count * 24) }
}
