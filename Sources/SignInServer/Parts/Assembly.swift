internal import Configuration
internal import Directory
internal import Glibc
internal import Logging
internal import Mail
internal import Secrets
internal import SignIn

/// The parts of a daemon, each from its settings. Files are read here, and nobody is reached out to.
enum Assembly {
  typealias Failure = Daemon.Failure

  static func systemTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  static func servers(_ settings: DirectorySettings) throws(Failure) -> [Server] {
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

  static func settings(_ configuration: Configuration) throws(Failure) -> AccountDirectory.Settings {
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
  static func webTokens(_ configuration: Configuration) throws(Failure) -> WebTokens? {
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

  static func hashCost(_ settings: PasswordSettings) -> Argon2Parameters {
    Argon2Parameters(
      memoryKiB: UInt32(settings.memoryKiB), passes: UInt32(settings.passes), lanes: UInt32(settings.lanes))
  }

  static func rules(_ configuration: Configuration) throws(Failure) -> Rules {
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

  static let blockedListMaxBytes = 16 << 20

  /// One password a line, lower-cased here.
  static func blocked(_ path: String?) throws(Failure) -> Set<[UInt8]> {
    guard let path else { return [] }
    let bytes: [UInt8]
    do { bytes = try ConfigurationFile.bytes(of: path, max: blockedListMaxBytes) } catch {
      throw Failure(description: "\(error) (password.blocked-list)")
    }
    let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    return Set(lines.map { $0.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 } })
  }

  static func texts(_ settings: TextSettings, help: String?) throws(Failure) -> Texts {
    var everywhere: [Text: String] = [:]
    everywhere[.deactivated] = settings.deactivated
    everywhere[.deactivatedByAdministrator] = settings.deactivatedByAdministrator
    return try asking { () throws(TextFile.Failure) in
      try Texts(
        folder: settings.folder, standard: settings.language, everywhere: everywhere, contact: settings.contact,
        help: help)
    }
  }

  /// An error of any room, as the reason why the daemon cannot start.
  static func asking<Value, E: Error>(_ work: () throws(E) -> Value) throws(Failure) -> Value {
    do { return try work() } catch {
      if let error = error as? DirectoryError { throw Failure(description: error.text) }
      throw Failure(description: "\(error)")
    }
  }
}
