extension Reading {
  /// Fills what follows from other settings, and refuses what does not go together.
  ///
  /// - Parameter credentials: systemd's credentials directory (systemd.exec(5)), where the service has one.
  mutating func complete(_ configuration: inout Configuration, credentials: String?) {
    completeDirectory(&configuration.directory, credentials: credentials)
    completeListeners(&configuration.listen)
    completeMail(&configuration.mail, credentials: credentials)
    checkOrganisations(configuration.organisation)
    checkServices(configuration.service)
    if !isGiven("keys.ring"), let ring = Self.credential("keys", in: credentials) { configuration.keys.ring = ring }
    if !isGiven("jwt.keys"), let key = Self.credential("jwt", in: credentials) { configuration.jwt.keys = [key] }
    if let idle = configuration.session.idle, idle > configuration.session.lifetime {
      refuse("session.idle", "session.lifetime", message: "longer than session.lifetime")
    }
    if !isGiven("totp.issuer") {
      configuration.totp.issuer = configuration.mail.product
      if !Syntax.isIssuer(configuration.mail.product) {
        refuse("mail.product", message: "cannot be the issuer in authenticator apps as well; set totp.issuer")
      }
    }
    completeInactivity(&configuration.inactivity)
    let password = configuration.password
    if password.memoryKiB < 8 * password.lanes {  // RFC 9106, section 3.1
      refuse("password.memory-kib", "password.lanes", message: "each lane needs 8 KiB")
    }
    if configuration.code.perDay < configuration.code.perHour {
      refuse("code.per-day", "code.per-hour", message: "less in a day than in an hour")
    }
  }

  private mutating func completeInactivity(_ inactivity: inout InactivitySettings) {
    if !inactivity.sweepAt.isEmpty {
      if isGiven("inactivity.sweep-every") {
        refuse("inactivity.sweep-at", message: "does not go with sweep-every; set one of the two")
      }
      inactivity.sweepEvery = nil
    }
    inactivity.sweepAt = Set(inactivity.sweepAt).sorted()
    let (limit, isGiven) = (inactivity.limit, isGiven("inactivity.warn-before"))
    if isGiven, inactivity.warnBefore.contains(where: { $0 >= limit }) {
      refuse("inactivity.warn-before", message: "a warning would come before the account is idle (inactivity.limit)")
    }
    inactivity.warnBefore.removeAll { $0 >= limit }
  }

  private mutating func completeDirectory(_ directory: inout DirectorySettings, credentials: String?) {
    if !isGiven("directory.base") { refuse("directory.base", message: "must be set, such as \"dc=example,dc=com\"") }
    if !isGiven("directory.people") { directory.people = directory.base }
    let isBelow = directory.people.lowercased().hasSuffix(directory.base.lowercased())
    if isGiven("directory.base"), !isBelow {
      refuse("directory.people", "directory.base", message: "is not below the base: who is invited would not be found")
    }
    if !isGiven("directory.shared-entry") { directory.sharedEntry = "cn=drawbridge,\(directory.base)" }
    let isPlain = directory.uris.map { uri in
      uri.hasPrefix("ldap://")
        && !Authority.isLoopback(Authority(uri.utf8.dropFirst(7).prefix { $0 != 0x2F }, port: 389)?.host ?? "")
    }
    switch directory.bind {
    case .external:
      if directory.bindDN != nil {
        refuse("directory.bind-dn", "directory.bind", message: "goes with \"simple\" alone")
      }
      if !directory.uris.allSatisfy({ $0.hasPrefix("ldapi://") }) {
        refuse(
          "directory.bind", "directory.uris", message: "\"external\" works with \"ldapi://\" alone; set \"simple\"")
      }
    case .simple:
      if directory.bindPasswordFile == nil {
        directory.bindPasswordFile = Self.credential("bind-password", in: credentials).map { PasswordFile(path: $0) }
      }
      if directory.bindDN == nil { refuse("directory.bind-dn", "directory.bind", message: "\"simple\" needs bind-dn") }
      if directory.bindPasswordFile == nil {
        refuse(
          "directory.bind-password-file", "directory.bind",
          message: "\"simple\" needs bind-password-file, or a credential \"bind-password\" of systemd")
      }
      if isPlain.contains(true), !directory.startTLS {
        refuse(
          "directory.start-tls", "directory.uris",
          message: "the password would travel in clear: use \"ldaps://\", or start-tls = true")
      }
    }
    if directory.startTLS, !directory.uris.allSatisfy({ $0.hasPrefix("ldap://") }) {
      refuse("directory.start-tls", message: "goes with \"ldap://\" alone")
    }
    if directory.totalTimeout < directory.operationTimeout {
      refuse("directory.total-timeout", "directory.operation-timeout", message: "shorter than operation-timeout")
    }
  }

  private mutating func checkOrganisations(_ organisations: [OrganisationTable]) {
    if organisations.count > OrganisationTable.countMax {
      refuse("organisation", message: "more than \(OrganisationTable.countMax)")
    }
    var names: Set<String> = []
    var values: [String: String] = [:]
    for (index, organisation) in organisations.enumerated() where !organisation.name.isEmpty {
      let (place, name) = ("organisation.\(index)", organisation.name)
      if !names.insert(name).inserted { refuse("\(place).name", message: "another one is called \(name), too") }
      if (organisation.subtree == nil) == (organisation.value == nil) {
        refuse("\(place).subtree", message: "\(name) needs a subtree or a value, and not both")
      }
      guard let value = organisation.value else { continue }
      if let other = values.updateValue(name, forKey: value.lowercased()) {
        refuse("\(place).value", message: "\(name) has the same value as \(other)")
      }
    }
  }

  private mutating func checkServices(_ services: [ServiceTable]) {
    if services.count > ServiceTable.countMax { refuse("service", message: "more than \(ServiceTable.countMax)") }
    var names: Set<String> = []
    for (index, service) in services.enumerated() where !service.name.isEmpty {
      if !names.insert(service.name).inserted {
        refuse("service.\(index).name", message: "another one is called \(service.name), too")
      }
      if service.jwt, !isGiven("jwt.issuer") { refuse("service.\(index).jwt", message: "needs jwt.issuer") }
    }
  }

  private mutating func completeMail(_ mail: inout MailSettings, credentials: String?) {
    guard let server = mail.server else { return }
    if mail.from == nil { refuse("mail.from", message: "must be set, unless mail.server is \"off\"") }
    if !isGiven("mail.start-tls") { mail.startTLS = server.isLoopback ? .never : .required }
    if server.isImplicitTLS { mail.startTLS = .required }
    guard mail.user != nil else {
      if mail.passwordFile != nil { refuse("mail.password-file", message: "needs mail.user") }
      return
    }
    if mail.passwordFile == nil {
      mail.passwordFile = Self.credential("mail-password", in: credentials).map { PasswordFile(path: $0) }
    }
    if mail.passwordFile == nil {
      refuse("mail.user", message: "needs mail.password-file, or a credential \"mail-password\" of systemd")
    }
    if mail.startTLS != .required, !server.isLoopback {
      refuse("mail.start-tls", "mail.user", message: "the password could travel in clear: set \"required\"")
    }
  }

  private static func credential(_ name: String, in folder: String?) -> String? {
    guard let folder, Syntax.isPath(folder, maxBytes: 4_000), File.exists("\(folder)/\(name)") else { return nil }
    return "\(folder)/\(name)"
  }
}
