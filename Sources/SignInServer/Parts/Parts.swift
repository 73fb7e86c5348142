internal import Configuration
internal import Directory
internal import Logging
internal import Mail
internal import Secrets
internal import SignIn

/// What one configuration makes of a daemon. Another one takes its place as a whole.
struct Parts: Sendable {
  let configuration: Configuration
  let service: SignInService
  let recentStrings: RecentStrings
  let sweep: Sweep
  let checkup: Checkup
  /// Nil where there is nobody to send one to.
  let digests: Digests?
  let relay: Relay?

  /// Reads the key ring, the secrets and the templates; reaches out to nobody, and changes nothing that lives on.
  ///
  /// - Parameters:
  ///   - file: where the configuration came from.
  ///   - lasting: nil for the first ones, which make it.
  init(
    _ configuration: Configuration, file: String, lasting known: Lasting?, logger: Logger
  ) throws(Daemon.Failure) {
    self.configuration = configuration
    let now: @Sendable () -> Timestamp = { Assembly.systemTime() }
    let random: RandomBytes = { count throws(RandomFailure) in try SystemRandom.bytes(count) }
    let keys = try Assembly.asking { () throws(KeyRingFailure) in try KeyRing.load(path: configuration.keys.ring) }
    relay = try Assembly.relay(configuration.mail)
    let lasting = known ?? Lasting(configuration, keys, relay, random: random, now: now, logger: logger)
    let organisations = try Organisations(configuration)
    let postbox = try Assembly.postbox(configuration, organisations, lasting.outbox, logger: logger)
    let accounts = AccountDirectory(
      try Assembly.servers(configuration.directory), settings: try Assembly.settings(configuration), keys: keys,
      random: random, now: now, logger: logger, observer: lasting.metrics,
      whenReactivated: { postbox.post(.reactivated, to: $0) })
    var rules = try Assembly.rules(configuration)
    rules.organisations = organisations
    let parameters = Assembly.hashCost(configuration.password)
    service = SignInService(
      lasting: lasting, accounts: accounts, keys: keys, rules: rules,
      hashParameters: parameters, decoy: PasswordHash.decoy(parameters: parameters),
      sessions: Sessions(
        accounts: accounts, keys: keys, lifetimeSeconds: configuration.session.lifetime.seconds,
        idleSeconds: configuration.session.idle?.seconds, audiences: Audiences(configuration.service),
        webTokens: try Assembly.webTokens(configuration), now: now, random: random, metrics: lasting.metrics,
        logger: logger),
      serviceGroups: ServiceGroups(configuration.service), postbox: postbox,
      texts: try Assembly.texts(configuration.texts, help: configuration.mail.support),
      totpWindow: Int64(-configuration.totp.windowBack)...Int64(configuration.totp.windowForward),
      refusalFloor: configuration.limits.refusalFloor.duration,
      idleTimeout: configuration.limits.idleTimeout.duration,
      trustedUIDs: Set(configuration.limits.trustedUIDs), now: now, random: random, logger: logger)
    recentStrings = lasting.recentStrings.granting(configuration.service)
    sweep = Sweep(configuration.inactivity, service: service)
    let hasRecipients = organisations.all.contains { $0.administrators != nil }
    digests =
      hasRecipients && configuration.organisations.digest == .on
      ? Digests(service: service, inactivity: sweep.inactivity) : nil
    checkup = Checkup(service: service, configuration: configuration, file: file, relay: relay)
  }
}
