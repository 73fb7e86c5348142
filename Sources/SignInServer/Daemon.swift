public import Configuration
internal import Directory
internal import Glibc
public import Logging
internal import Mail
internal import Secrets
internal import ServiceLifecycle
internal import SignIn
internal import UnixSignals
internal import Wire

/// The daemon, put together from its configuration.
public struct Daemon {
  public static let version = Version.current

  /// Why it cannot start: one line that names the setting to change.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let configuration: Configuration
  private let logger: Logger
  private let service: SignInService
  private let listeners: Listeners
  private let sweep: Sweep
  private let checkup: Checkup
  /// All doors share them.
  private let recentStrings: RecentStrings
  /// Nil where there is nobody to send one to.
  private let digests: Digests?

  /// Reads the key ring, the secrets and the templates; reaches out to nobody.
  ///
  /// - Parameter file: where the configuration came from.
  public init(_ configuration: Configuration, file: String, logger: Logger) throws(Failure) {
    self.configuration = configuration
    self.logger = logger
    let keys = try Self.asking { () throws(KeyRingFailure) in try KeyRing.load(path: configuration.keys.ring) }
    let metrics = Metrics()
    listeners = try Self.asking { () throws(Credentials.Failure) in try Listeners(configuration, logger: logger) }
    let now: @Sendable () -> Timestamp = { Self.systemTime() }
    let random: RandomBytes = { count throws(RandomFailure) in try SystemRandom.bytes(count) }
    let organisations = try Organisations(configuration)
    let postbox = try Self.postbox(configuration, organisations, random: random, now: now, metrics, logger: logger)
    let accounts = AccountDirectory(
      try Self.servers(configuration.directory), settings: try Self.settings(configuration), keys: keys,
      random: random, now: now, logger: logger, observer: metrics,
      whenReactivated: { postbox.post(.reactivated, to: $0) })
    var rules = try Self.rules(configuration)
    rules.organisations = organisations
    let parameters = Self.hashCost(configuration.password)
    let threads = configuration.limits.hashThreads
    service = SignInService(
      accounts: accounts, keys: keys, rules: rules,
      hashing: HashingThreads(
        threads: threads > 0 ? threads : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
        waitingMax: configuration.limits.hashQueueMax, metrics: metrics),
      hashParameters: parameters, decoy: PasswordHash.decoy(parameters: parameters),
      shadows: ShadowBudgets(tablesMax: configuration.limits.shadowMax),
      sessions: Sessions(
        accounts: accounts, keys: keys, lifetimeSeconds: configuration.session.lifetime.seconds,
        idleSeconds: configuration.session.idle?.seconds, audiences: Audiences(configuration.service),
        webTokens: try Self.webTokens(configuration), now: now, random: random, metrics: metrics,
        logger: logger),
      serviceGroups: ServiceGroups(configuration.service), postbox: postbox, metrics: metrics,
      texts: try Self.texts(configuration.texts, help: configuration.mail.support),
      totpWindow: Int64(-configuration.totp.windowBack)...Int64(configuration.totp.windowForward),
      refusalFloor: configuration.limits.refusalFloor.duration,
      idleTimeout: configuration.limits.idleTimeout.duration,
      trustedUIDs: Set(configuration.limits.trustedUIDs), now: now, random: random, logger: logger)
    recentStrings = RecentStrings(keys: keys, services: configuration.service)
    sweep = Sweep(configuration.inactivity, service: service)
    let hasRecipients = organisations.all.contains { $0.administrators != nil }
    digests =
      hasRecipients && configuration.organisations.digest == .on
      ? Digests(accounts: accounts, inactivity: sweep.inactivity, postbox: postbox, now: now, logger: logger) : nil
    checkup = Checkup(
      service: service, configuration: configuration, file: file, relay: try Self.relay(configuration.mail))
  }

  /// Serves until SIGTERM or SIGINT.
  ///
  /// - Parameter environment: where a service manager says how it wants to be told, and which sockets it holds.
  public func run(environment: [String: String]) async throws {
    signal(SIGPIPE, SIG_IGN)
    let supervisor = Supervisor(environment: environment)
    let handed = HandedSockets(environment: environment)
    let admission = Admission(
      connectionsMax: connectionsMax(), perUIDMax: configuration.limits.connectionsPerUIDMax)
    let survey = Survey(service: service, alarm: sweep.alarm, admission: admission, listeners: listeners)
    let administration = Administration(
      service: service, sweep: sweep, checkup: checkup, admission: admission, survey: survey, begun: .now)
    // A directory that is down is no reason not to start: clients hear LATER until it is back.
    try? await service.accounts.ping()
    var services = try listeners.open(service, administration, admission, recentStrings, handed)
    services.append(Watchdog(supervisor: supervisor, accounts: service.accounts, metrics: service.metrics))
    if let path = configuration.metrics.file {
      services.append(
        MetricsFile(
          path: path, interval: configuration.metrics.every.duration, survey: survey, logger: logger))
    }
    if let times = SweepTimes(configuration.inactivity) {
      services.append(SweepSchedule(sweep: sweep, times: times, jitter: configuration.inactivity.jitter))
    }
    if let digests {
      let interval = configuration.inactivity.sweepEvery?.duration ?? DigestSchedule.intervalMax
      services.append(DigestSchedule(digests: digests, interval: min(interval, DigestSchedule.intervalMax)))
    }
    let together = Together(services: services, supervisor: supervisor, admission: admission)
    var group = ServiceGroupConfiguration(services: [together], logger: logger)
    group.maximumGracefulShutdownDuration = Drain.total
    let lifecycle = ServiceGroup(configuration: group)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    supervisor.tell(.ready, status: "serving")
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { [logger] in
        await Signals.listen(signals, logger: logger) { Task { await lifecycle.triggerGracefulShutdown() } }
      }
      try await lifecycle.run()
      tasks.cancelAll()
    }
    _ = await service.postbox.outbox?.close(within: Drain.mail)
    await service.accounts.close()
  }

  /// Descriptors for event loops, the directory, mail and logs.
  private static let filesReserved = 64

  /// Accepting without a descriptor to spare would turn in circles, so no more connections are admitted than there are
  /// descriptors for.
  private func connectionsMax() -> Int {
    let wanted = configuration.limits.connectionsMax
    // Connections that are not admitted yet.
    let shaking = configuration.listen.contains { $0.tls != nil } ? configuration.limits.startups.full : 0
    let reserved = Self.filesReserved + shaking
    var files = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return wanted }
    files.rlim_cur = max(files.rlim_cur, min(rlim_t(wanted + reserved), files.rlim_max))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    let possible = max(8, Int(clamping: files.rlim_cur) - reserved)
    if possible < wanted {
      logger.warning(
        "too few file descriptors for limits.connections-max (LimitNOFILE=)", metadata: ["used": "\(possible)"])
    }
    return min(wanted, possible)
  }

  // MARK: - Parts

  private static func systemTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  private static func servers(_ settings: DirectorySettings) throws(Failure) -> [Server] {
    var servers: [Server] = []
    for uri in settings.uris {
      let identity: Server.Identity
      switch settings.bind {
      case .external: identity = .external
      case .simple:
        let password = try asking { () throws(ConfigurationError) in
          try settings.bindPasswordFile?.bytes() ?? []
        }
        identity = .simple(dn: settings.bindDN ?? "", password: Secret(password))
      }
      servers.append(
        try asking { () throws(DirectoryError) in
          try Server(
            uri: uri, identity: identity, startTLS: settings.startTLS && uri.hasPrefix("ldap:"),
            caFile: settings.caFile,
            connectSeconds: Double(settings.connectTimeout.milliseconds) / 1000,
            operationSeconds: Double(settings.operationTimeout.milliseconds) / 1000)
        })
    }
    return servers
  }

  private static func settings(_ configuration: Configuration) throws(Failure) -> AccountDirectory.Settings {
    let settings = configuration.directory
    let logins = settings.loginAttributes.compactMap { Attribute($0) }
    guard let rdn = Attribute(settings.rdn), logins.count == settings.loginAttributes.count else {
      throw Failure(description: "directory.rdn and directory.login-attributes are names of attributes")
    }
    return AccountDirectory.Settings(
      base: settings.base, people: settings.people, rdnAttribute: rdn, loginAttributes: logins,
      operationsMax: settings.operationsMax, totalSeconds: Double(settings.totalTimeout.milliseconds) / 1000,
      returnSeconds: Double(settings.returnAfter.milliseconds) / 1000,
      sharedEntry: settings.sharedEntry,
      organisationAttribute: configuration.organisation.contains { $0.value != nil }
        ? Attribute(configuration.organisations.attribute) : nil)
  }

  /// Nil where none are signed.
  private static func webTokens(_ configuration: Configuration) throws(Failure) -> WebTokens? {
    guard let issuer = configuration.jwt.issuer else { return nil }
    var keys: [SigningKey] = []
    for path in configuration.jwt.keys {
      keys.append(
        try asking { () throws(SigningKeyFailure) in try SigningKey.load(path: path, setting: "jwt.keys") })
    }
    return WebTokens(
      issuer: issuer, keys: keys, lifetimeSeconds: configuration.jwt.lifetime.seconds,
      services: Set(configuration.service.filter(\.jwt).map { Array($0.name.utf8) }))
  }

  private static func hashCost(_ settings: PasswordSettings) -> Argon2Parameters {
    Argon2Parameters(
      memoryKiB: UInt32(settings.memoryKiB), passes: UInt32(settings.passes), lanes: UInt32(settings.lanes))
  }

  private static func rules(_ configuration: Configuration) throws(Failure) -> Rules {
    var rules = Rules()
    let profile: PasswordRule.Profile = configuration.password.profile == .guide ? .guide : .nist
    rules.password = PasswordRule(profile: profile, blocked: try blocked(configuration.password.blockedList))
    rules.historyMax = configuration.password.history
    rules.issuer = configuration.totp.issuer
    rules.codeLifetimeSeconds = configuration.code.lifetime.seconds
    rules.mailCooldownSeconds = configuration.code.cooldown.seconds
    rules.mail = .mail(
      cooldownSeconds: configuration.code.cooldown.seconds, perHour: configuration.code.perHour,
      perDay: configuration.code.perDay)
    rules.invitationLifetimeSeconds = configuration.inactivity.invitationLifetime.seconds
    rules.forgotNeedsMailedCode = configuration.forgot.mailCode
    rules.recoveryCodes = configuration.recovery.codes
    rules.upgradesHashes = configuration.password.upgrade
    rules.hashCost = hashCost(configuration.password)
    return rules
  }

  private static let blockedListMaxBytes = 16 << 20

  /// One password a line, lower-cased here.
  private static func blocked(_ path: String?) throws(Failure) -> Set<[UInt8]> {
    guard let path else { return [] }
    guard let file = fopen(path, "re") else {
      throw Failure(description: "\(path): cannot be read (password.blocked-list)")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: blockedListMaxBytes + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard count <= blockedListMaxBytes else {
      throw Failure(description: "\(path): more than 16 MiB (password.blocked-list)")
    }
    let lines = bytes.prefix(count).split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    return Set(lines.map { $0.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } })
  }

  private static func texts(_ settings: TextSettings, help: String?) throws(Failure) -> Texts {
    var everywhere: [Text: String] = [:]
    everywhere[.deactivated] = settings.deactivated
    everywhere[.deactivatedByAdministrator] = settings.deactivatedByAdministrator
    return try asking { () throws(TextFile.Failure) in
      try Texts(
        folder: settings.folder, standard: settings.language, everywhere: everywhere, contact: settings.contact,
        help: help)
    }
  }

  private static func postbox(
    _ configuration: Configuration, _ organisations: Organisations, random: @escaping RandomBytes,
    now: @escaping @Sendable () -> Timestamp, _ metrics: Metrics, logger: Logger
  ) throws(Failure) -> Postbox {
    let mail = configuration.mail
    let constants = [
      "product": mail.product, "support": mail.support ?? "", "contact": configuration.texts.contact ?? "",
    ]
    let templates = try asking { () throws(TemplateError) in
      try Templates(folder: mail.templates, constants: constants, standard: configuration.texts.language)
    }
    guard let relay = try relay(mail) else {
      return Postbox(outbox: nil, templates: templates, organisations: organisations, logger: logger)
    }
    let begun = ContinuousClock.now
    let outbox = Outbox(
      limits: Outbox.Limits(queueMax: mail.queueMax), clock: { ContinuousClock.now - begun },
      stamp: {
        let token = ((try? random(16)) ?? []).map { String($0, radix: 16) }.joined()
        return Stamp(date: now().seconds, token: token)
      },
      send: { message, stamp throws(MailError) in try relay.send(message, stamp: stamp) },
      log: { event in
        metrics.mailed(event)
        logger.log(level: event.isFailure ? .error : .info, "mail", metadata: ["event": "\(event.told)"])
      })
    return Postbox(outbox: outbox, templates: templates, organisations: organisations, logger: logger)
  }

  /// Nil where mail is off.
  private static func relay(_ mail: MailSettings) throws(Failure) -> Relay? {
    guard let server = mail.server, let from = mail.from else { return nil }
    let password = try asking { () throws(ConfigurationError) in
      try mail.passwordFile?.bytes() ?? []
    }
    return try asking { () throws(MailError) in
      try Relay(
        Relay.Settings(
          host: server.host, port: server.port, isImplicitTLS: server.isImplicitTLS,
          encryption: Relay.Encryption(mail.startTLS), sender: Sender(address: from, name: mail.fromName),
          login: try mail.user.map { user throws(MailError) in try Relay.Login(user: user, password: password) },
          caFile: mail.caFile, timeout: mail.timeout.duration))
    }
  }

  /// An error of any room, as the reason why the daemon cannot start.
  private static func asking<Value, E: Error>(_ work: () throws(E) -> Value) throws(Failure) -> Value {
    do { return try work() } catch {
      if let error = error as? DirectoryError { throw Failure(description: error.text) }
      throw Failure(description: "\(error)")
    }
  }
}

extension Relay.Encryption {
  fileprivate init(_ setting: MailSettings.StartTLS) {
    switch setting {
    case .required: self = .required
    case .opportunistic: self = .opportunistic
    case .never: self = .never
    }
  }
}

extension Outbox.Event {
  fileprivate var isFailure: Bool {
    if case .sent = self { false } else { true }
  }

  fileprivate var told: String {
    switch self {
    case .sent(let recipient, let attempts): "sent to \(recipient) at attempt \(attempts)"
    case .postponed(let recipient, let pause, let error): "to \(recipient) again in \(pause): \(error)"
    case .dropped(let recipient, let attempts, let reason): "to \(recipient) dropped after \(attempts): \(reason)"
    case .full(let recipient): "to \(recipient) dropped: the queue is full (mail.queue-max)"
    }
  }
}
