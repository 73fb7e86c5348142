internal import Logging
internal import SignIn

/// The servers of one directory, in the order in which they are preferred. Everybody shares one connection, to one
/// server: reads and writes go to the same provider. A dead connection is replaced by the next operation; a server that
/// failed is passed over for some seconds, so that nobody waits for it again, and is returned to once it is fit.
actor Servers {
  struct Limits: Sendable {
    /// For all servers that are tried for one operation, in seconds; one that was begun is waited for.
    var openSeconds = 4.0
    /// How long a server that failed comes after the others.
    var restSeconds = 5.0
    /// How long a preferred server must have been fit before it is returned to.
    var returnSeconds = 30.0
  }

  let servers: [Server]
  let limits: Limits
  let logger: Logger
  let operationsMax: Int
  let observer: (any DirectoryObserver)?
  let base: String
  let now: @Sendable () -> Timestamp
  /// What a connection must pass before it is used.
  private let check: @Sendable (Connection) async throws(DirectoryError) -> ServerTraits

  private(set) var current: CheckedConnection?
  private var opening: Task<Result<CheckedConnection, DirectoryError>, Never>?
  /// The server that is used, or was last; perhaps one that only the configuration before named.
  var usedURI: String?
  private var used: Int? { servers.firstIndex { $0.uri == usedURI } }
  var rests: [Int: ContinuousClock.Instant] = [:]
  var failovers = 0
  var fence = Fence()
  /// Under way where the fence may be lifted early.
  var settling: Task<Void, Never>?
  /// Another configuration's servers took the place of these, and others are used there.
  var isSuperseded = false
  /// Under way as long as a server is used that is not the first.
  private var returning: Task<Void, Never>?
  /// Since when a preferred server was seen to be fit.
  private var fitSince: [Int: ContinuousClock.Instant] = [:]
  /// Connections that a sweep or a list has for itself: slapd keeps one paged search a connection.
  var reserved = 0
  static let reservedMax = 4

  init(
    _ servers: [Server], base: String, operationsMax: Int, limits: Limits, logger: Logger,
    observer: (any DirectoryObserver)? = nil, now: @escaping @Sendable () -> Timestamp,
    check: @escaping @Sendable (Connection) async throws(DirectoryError) -> ServerTraits
  ) {
    self.servers = servers
    self.base = base
    self.operationsMax = operationsMax
    self.limits = limits
    self.logger = logger
    self.observer = observer
    self.now = now
    self.check = check
  }

  var health: DirectoryHealth {
    let moment = ContinuousClock.now
    return DirectoryHealth(
      servers: servers.count, uri: used.map { servers[$0].uri },
      resting: servers.indices.filter { rests[$0].map { $0 > moment } ?? false }.map { servers[$0].uri },
      failovers: failovers, fencedSeconds: fence.seconds(at: now()))
  }

  // MARK: The connection that everybody shares

  func connection() async throws(DirectoryError) -> CheckedConnection {
    while let current {
      if await !current.connection.isDead { return current }
      let failed = await current.connection.hasStalled
      guard self.current?.connection === current.connection else { continue }
      self.current = nil
      if failed { rest(current.index) }
    }
    if let opening { return try await opening.value.get() }
    let task = Task { await open() }
    opening = task
    let result = await task.value
    opening = nil
    return try result.get()
  }

  private func open() async -> Result<CheckedConnection, DirectoryError> {
    var failure = DirectoryError.unavailable("no server is configured (directory.uris)")
    let begun = ContinuousClock.now
    for index in order where ContinuousClock.now - begun < .seconds(limits.openSeconds) {
      do throws(DirectoryError) {
        let checked = try await attempt(index)
        adopt(checked)
        return .success(checked)
      } catch {
        logger.error("directory not usable", metadata: ["reason": "\(error.text)"])
        observer?.failed(servers[index].uri)
        rest(index)
        failure = error
      }
    }
    observer?.foundNone()
    return .failure(failure)
  }

  /// The one that was used comes first: it is left by `watchPreferred`, or because it failed. Who failed a moment ago
  /// comes last.
  private var order: [Int] {
    let moment = ContinuousClock.now
    let isResting = servers.indices.map { rests[$0].map { $0 > moment } ?? false }
    let all = servers.indices.filter { $0 == used } + servers.indices.filter { $0 != used }
    return all.filter { !isResting[$0] } + all.filter { isResting[$0] }
  }

  private func rest(_ index: Int) { rests[index] = .now + .seconds(limits.restSeconds) }

  /// Connects and looks whether the server is fit, within the server's `patience` for both.
  func attempt(_ index: Int) async throws(DirectoryError) -> CheckedConnection {
    let server = servers[index]
    let deadline = ContinuousClock.now + .seconds(server.patience)
    let connection = try await Connection.open(server, operationsMax: operationsMax, observer: observer)
    let fuse = Task {
      try? await Task.sleep(until: deadline, clock: .continuous)
      if !Task.isCancelled { await connection.close() }
    }
    defer { fuse.cancel() }
    do throws(DirectoryError) {
      let traits = try await check(connection)
      if servers.count > 1, try await !ServerProbe(connection).takesWrites(base: base) {
        throw .unavailable("\(server.uri): takes no writes: a copy, or read-only (directory.uris)")
      }
      return CheckedConnection(connection: connection, traits: traits, index: index)
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Uses a connection from now on, and raises the fence where another server may have been written to.
  private func adopt(_ checked: CheckedConnection) {
    let (connection, index) = (checked.connection, checked.index)
    logger.info("directory connected", metadata: ["uri": "\(connection.uri)", "as": "\(connection.identity)"])
    observer?.connected(to: connection.uri)
    let before = usedURI
    let old = current
    current = checked
    usedURI = connection.uri
    rests[index] = nil
    fitSince = [:]
    if let before, before != connection.uri {
      failovers += 1
      logger.warning(
        "another directory server is used", metadata: ["uri": "\(connection.uri)", "before": "\(before)"])
    }
    if before != connection.uri { raiseFence(before: before, checked, after: old) }
    if index > 0, returning == nil { returning = Task { await watchPreferred() } }
  }

  /// Whether an operation that this connection certainly did not apply may be tried on another one.
  func leaves(_ checked: CheckedConnection, _ error: DirectoryError) async -> Bool {
    guard servers.count > 1 else { return false }
    var isUnfit = await checked.connection.isUnfit
    if case .refused(let code, _) = error, ServerProbe.refusesWrites(code) {
      // Any overlay may refuse one change.
      isUnfit = (try? await ServerProbe(checked.connection).takesWrites(base: base)) == false
    }
    guard current?.connection === checked.connection else { return true }
    guard isUnfit else { return false }
    logger.error("directory not usable", metadata: ["reason": "\(error.text)"])
    current = nil
    rest(checked.index)
    Task { await checked.connection.retire() }
    return true
  }

  func close() async {
    returning?.cancel()
    settling?.cancel()
    await current?.connection.close()
    current = nil
  }
}

/// A connection whose server was seen to be fit, and what that server can do.
struct CheckedConnection: Sendable {
  let connection: Connection
  let traits: ServerTraits
  /// Of the server, in the order of preference.
  let index: Int
}

// MARK: - Return to a preferred server

extension Servers {
  private func watchPreferred() async {
    let pause = Duration.seconds(min(limits.restSeconds, limits.returnSeconds / 2))
    while !Task.isCancelled, let used, used > 0 {
      try? await Task.sleep(for: pause)
      await lookAtPreferred(before: used)
    }
    returning = nil
  }

  private func lookAtPreferred(before used: Int) async {
    for index in 0..<used where !Task.isCancelled {
      guard let checked = try? await attempt(index) else {
        fitSince[index] = nil
        continue
      }
      let since = fitSince[index] ?? .now
      fitSince[index] = since
      if .now - since >= .seconds(limits.returnSeconds), await isCaughtUp(checked), opening == nil, self.used == used {
        return adopt(checked)
      }
      await checked.connection.close()
    }
  }

  /// Whether a server lacks nothing that the one in use has; where neither can tell, the fence alone stands in.
  private func isCaughtUp(_ checked: CheckedConnection) async -> Bool {
    guard let current, let theirs = try? await ServerProbe(current.connection).contextCSN(of: base),
      let own = try? await ServerProbe(checked.connection).contextCSN(of: base), !own.covers(theirs)
    else { return true }
    logger.notice("a preferred directory server lags behind", metadata: ["uri": "\(checked.connection.uri)"])
    return false
  }
}
