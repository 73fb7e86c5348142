internal import Configuration
internal import Logging
internal import ServiceLifecycle

/// All listeners of a configuration. The files of those that speak TLS are read at once, their sockets opened later.
struct Listeners: Sendable {
  private struct One {
    let listener: Listener
    let credentials: CurrentCredentials?
    let checks: Places
  }

  private let all: [One]
  private let startups: StartupPlaces
  private let logger: Logger

  init(_ configuration: Configuration, logger: Logger) throws(Credentials.Failure) {
    var all: [One] = []
    for listener in configuration.listen {
      var credentials: CurrentCredentials?
      if let tls = listener.tls { credentials = try CurrentCredentials(tls, logger: logger) }
      all.append(One(listener: listener, credentials: credentials, checks: Places(max: listener.concurrent)))
    }
    self.all = all
    self.logger = logger
    let limits = configuration.limits
    startups = StartupPlaces(limits.startups, perSourceMax: limits.connectionsPerSourceMax)
  }

  /// When the certificates in use run out, in seconds since 1970.
  var certificateEnds: [(place: String, ends: Int64)] {
    all.compactMap { one in
      guard let address = one.listener.address, let credentials = one.credentials else { return nil }
      return ("\(address)", credentials.ends)
    }
  }

  /// All sockets listen before the first one is served: a place that is taken ends the start, and nobody's conversation.
  func open(
    _ current: CurrentParts, _ administration: @escaping @Sendable () -> Administration, _ survey: Survey,
    _ admission: Admission, _ handed: HandedSockets
  ) throws -> [any Service] {
    let named = Set(all.filter { $0.listener.address == nil }.map(\.listener.path))
    if let path = handed.paths.first(where: { !named.contains($0) }) { throw Unserved(path: path) }
    var services: [any Service] = []
    var entrances: [any Entrance] = []
    do {
      for one in all {
        let entrance = try entrance(one, current, handed)
        entrances.append(entrance)
        if let credentials = one.credentials { services.append(credentials) }
        func serve(_ dialogue: some Dialogue) {
          services.append(
            ListenerService(
              entrance: entrance, dialogue: dialogue, admission: admission, metrics: current.service.metrics,
              logger: logger))
        }
        let door = Door(name: one.listener.role.rawValue, current: current, places: one.checks)
        switch one.listener.role {
        case .signin, .admin: serve(LineDialogue(current: current, administration: administration))
        case .saslauthd: serve(SaslauthdDialogue(door: door))
        case .dovecot: serve(DovecotDialogue(door: door))
        case .metrics: serve(MetricsDialogue(survey: survey))
        }
      }
    } catch {
      for entrance in entrances { entrance.leave() }
      throw error
    }
    return services
  }

  /// Whoever connected there would wait for ever: the kernel lets them in.
  struct Unserved: Error, CustomStringConvertible {
    let path: String
    var description: String {
      "\(path): the service manager holds this socket, and no [[listen]] names it: add it there, or disable the socket's unit"
    }
  }

  private func entrance(
    _ one: One, _ current: CurrentParts, _ handed: HandedSockets
  ) throws -> any Entrance {
    guard let credentials = one.credentials, let address = one.listener.address else {
      return try UnixEntrance(one.listener, current, handed)
    }
    return try TLSEntrance(
      address, role: one.listener.role, credentials, startups, metrics: current.service.metrics, logger: logger)
  }

  // MARK: Reload

  /// The files of another configuration's listeners, in its order; changes nothing.
  func read(_ configuration: Configuration) throws(Credentials.Failure) -> [Credentials?] {
    var read: [Credentials?] = []
    for listener in configuration.listen {
      if let tls = listener.tls { read.append(try Credentials.load(tls)) } else { read.append(nil) }
    }
    return read
  }

  /// Takes what may change while a socket is open: certificates, names and limits.
  func adapt(to configuration: Configuration, _ files: [Credentials?]) {
    let limits = configuration.limits
    startups.adapt(limits.startups, perSourceMax: limits.connectionsPerSourceMax)
    for (listener, read) in zip(configuration.listen, files) {
      guard let one = all.first(where: { $0.listener.hasSocket(of: listener) }) else { continue }
      one.checks.adapt(max: listener.concurrent)
      if let read, let tls = listener.tls { one.credentials?.replace(by: read, tls) }
    }
  }

  /// Whether sockets are others than those that are open.
  func needRestart(_ configuration: Configuration) -> Bool {
    let wanted = configuration.listen
    return wanted.count != all.count
      || !wanted.allSatisfy { listener in all.contains { $0.listener.hasSocket(of: listener) } }
  }
}

extension Listener {
  fileprivate func hasSocket(of other: Listener) -> Bool {
    path == other.path && address == other.address && role == other.role && mode == other.mode && group == other.group
  }
}
