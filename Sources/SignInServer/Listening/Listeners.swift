internal import Configuration
internal import Logging
internal import ServiceLifecycle

/// All listeners of a configuration. The files of those that speak TLS are read at once, their sockets opened later.
struct Listeners {
  private let all: [(listener: Listener, credentials: CurrentCredentials?)]
  private let places: StartupPlaces

  init(_ configuration: Configuration, logger: Logger) throws(Credentials.Failure) {
    var all: [(Listener, CurrentCredentials?)] = []
    for listener in configuration.listen {
      var credentials: CurrentCredentials?
      if let tls = listener.tls { credentials = try CurrentCredentials(tls, logger: logger) }
      all.append((listener, credentials))
    }
    self.all = all
    let limits = configuration.limits
    places = StartupPlaces(limits.startups, perSourceMax: limits.connectionsPerSourceMax)
  }

  /// When the certificates in use run out, in seconds since 1970.
  var certificateEnds: [(place: String, ends: Int64)] {
    all.compactMap { listener, credentials in
      guard let address = listener.address, let credentials else { return nil }
      return ("\(address)", credentials.ends)
    }
  }

  /// All sockets listen before the first one is served: a place that is taken ends the start, and nobody's conversation.
  func open(
    _ service: SignInService, _ administration: Administration, _ admission: Admission, _ recent: RecentStrings,
    _ handed: HandedSockets
  ) throws -> [any Service] {
    var services: [any Service] = []
    var entrances: [any Entrance] = []
    do {
      for (listener, credentials) in all {
        let entrance = try entrance(listener, credentials, service, handed)
        entrances.append(entrance)
        if let credentials { services.append(credentials) }
        func serve(_ dialogue: some Dialogue) {
          services.append(
            ListenerService(
              entrance: entrance, dialogue: dialogue, admission: admission, metrics: service.metrics,
              logger: service.logger))
        }
        let door = Door(
          name: listener.role.rawValue, service: service, places: Places(max: listener.concurrent), recent: recent)
        switch listener.role {
        case .signin, .admin: serve(LineDialogue(service: service, administration: administration))
        case .saslauthd: serve(SaslauthdDialogue(door: door))
        case .dovecot: serve(DovecotDialogue(door: door))
        case .metrics: serve(MetricsDialogue(survey: administration.survey))
        }
      }
    } catch {
      for entrance in entrances { entrance.leave() }
      throw error
    }
    return services
  }

  private func entrance(
    _ listener: Listener, _ credentials: CurrentCredentials?, _ service: SignInService, _ handed: HandedSockets
  ) throws -> any Entrance {
    guard let credentials, let address = listener.address, let tls = listener.tls else {
      return try UnixEntrance(listener, trustedUIDs: service.trustedUIDs, handed)
    }
    return try TLSEntrance(
      address, role: listener.role, trustedNames: tls.trustedNames, credentials, places,
      metrics: service.metrics, logger: service.logger)
  }
}
