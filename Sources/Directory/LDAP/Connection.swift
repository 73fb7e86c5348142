internal import CLDAP
internal import Dispatch
internal import Glibc
internal import Synchronization

/// One connection to a directory server. Operations are multiplexed by message id: many in flight, bounded, each with
/// a deadline. It dies once, fails everything it held, and is thrown away.
///
/// The session of libldap belongs to this actor, and the actor runs on one queue: `queue` is the only place from which
/// `session` is touched.
actor Connection {
  enum Answer: Sendable {
    case found(SearchResult)
    case applied
    case conditionFailed
    case noSuchObject
    case alreadyExists
  }

  private struct Pending {
    let isSearch: Bool
    let isPage: Bool
    let continuation: CheckedContinuation<Result<Answer, DirectoryError>, Never>
    var entries: [Entry] = []
  }

  private enum Operation {
    case search(Search)
    case modify(dn: String, [Modification], condition: Filter)
    case add(dn: String, [Modification])

    var kind: DirectoryOperation {
      switch self {
      case .search(let search): search.cookie == nil ? .search : .page
      case .modify: .modify
      case .add: .add
      }
    }
  }

  nonisolated let uri: String
  /// Who the server says the daemon is: `dn:` and a DN, as a rule.
  nonisolated let identity: String
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let session: LDAPHandle
  private let socket: Int32
  private let watchdog: Watchdog
  /// Nil until `listen`: libdispatch ends the process when a source is let go that was never activated.
  private var source: (any DispatchSourceRead)?
  private let operationSeconds: Double
  private let operationsMax: Int
  private let observer: (any DirectoryObserver)?
  private var pending: [Int32: Pending] = [:]
  /// Waiting for a place among `operationsMax`.
  private var waiting: [(Operation, CheckedContinuation<Result<Answer, DirectoryError>, Never>)] = []
  private static let waitingMax = 1024
  /// For a page that holds few of very many entries, slapd looks at all of them. It is read on a connection of its own.
  private static let pagePatience = 20.0
  private(set) var isDead = false
  /// It did not die by a close: the server kept an answer back, or gave it in drips.
  var hasStalled: Bool { isOverdue || watchdog.hasBitten }
  private var isOverdue = false
  /// The server said that it cannot serve now.
  private(set) var isUnfit = false
  /// Takes nothing new, and dies with its last operation.
  private var retirement: (closes: Bool, waiting: [CheckedContinuation<Void, Never>])?
  /// Operations that are under way or wait for their place.
  var load: Int { pending.count + waiting.count }

  /// Connects on a thread that may block.
  static func open(
    _ server: Server, operationsMax: Int, observer: (any DirectoryObserver)? = nil
  ) async throws(DirectoryError) -> Connection {
    let opened: Result<Connection, DirectoryError> = await withCheckedContinuation { continuation in
      let once = Once(continuation)
      DispatchQueue.global().async {
        do throws(DirectoryError) {
          once.resume(.success(try Connection(server, operationsMax: operationsMax, observer)))
        } catch {
          once.resume(.failure(error))
        }
      }
      // The resolver knows no deadline; what comes after this one is thrown away.
      DispatchQueue.global().asyncAfter(deadline: .now() + server.patience) {
        once.resume(.failure(.unavailable("\(server.uri): not connected in time (directory.connect-timeout)")))
      }
    }
    let connection = try opened.get()
    await connection.listen()
    return connection
  }

  private init(
    _ server: Server, operationsMax: Int, _ observer: (any DirectoryObserver)?
  ) throws(DirectoryError) {
    let opened = try server.open()
    self.observer = observer
    uri = server.uri
    identity = opened.identity
    operationSeconds = server.operationSeconds
    self.operationsMax = operationsMax
    executor = QueueExecutor(label: "directory")
    socket = opened.socket
    watchdog = Watchdog(socket: opened.socket, seconds: server.operationSeconds)
    session = opened.intoHandle()
  }

  private func listen() {
    let source = DispatchSource.makeReadSource(fileDescriptor: socket, queue: executor.queue)
    source.setEventHandler { [weak self] in self?.assumeIsolated { $0.drain() } }
    // The handle closes the socket; it must outlive the source that watches it.
    source.setCancelHandler { [self] in withExtendedLifetime(self) {} }
    source.activate()
    self.source = source
  }

  // MARK: Operations

  /// - Parameter isLast: also on a connection that is retired.
  func search(_ search: Search, isLast: Bool = false) async throws(DirectoryError) -> SearchResult {
    switch try await run(.search(search), isLast: isLast) {
    case .found(let result): return result
    case .noSuchObject: return SearchResult(entries: [], isComplete: true)
    case .applied, .conditionFailed, .alreadyExists: throw .lost("\(uri): an answer of another kind")
    }
  }

  func modify(
    dn: String, _ modifications: [Modification], if condition: Filter
  ) async throws(DirectoryError) -> Answer {
    try await run(.modify(dn: dn, modifications, condition: condition))
  }

  func add(dn: String, _ attributes: [Modification]) async throws(DirectoryError) -> Answer {
    try await run(.add(dn: dn, attributes))
  }

  private func run(_ operation: Operation, isLast: Bool = false) async throws(DirectoryError) -> Answer {
    let begun = ContinuousClock.now
    do throws(DirectoryError) {
      let answer = try await carryOut(operation, isLast: isLast)
      observer?.ended(operation.kind, answer.result, after: .now - begun)
      return answer
    } catch {
      observer?.ended(operation.kind, error.result, after: .now - begun)
      throw error
    }
  }

  private func carryOut(_ operation: Operation, isLast: Bool) async throws(DirectoryError) -> Answer {
    guard !isDead, retirement == nil || isLast else { throw .unavailable("\(uri): the connection is closed") }
    guard pending.count < operationsMax || waiting.count < Self.waitingMax else { throw .busy }
    let result = await withCheckedContinuation { continuation in
      if pending.count < operationsMax {
        start(operation, continuation)
      } else {
        waiting.append((operation, continuation))
      }
    }
    return try result.get()
  }

  private func start(
    _ operation: Operation, _ continuation: CheckedContinuation<Result<Answer, DirectoryError>, Never>
  ) {
    let id: Int32
    var isSearch = false
    var isPage = false
    do throws(LDAPHandle.Failure) {
      switch operation {
      case .search(let search):
        isSearch = true
        isPage = search.cookie != nil
        id = try watchdog.watch { () throws(LDAPHandle.Failure) in try session.search(search) }
      case .modify(let dn, let modifications, let condition):
        id = try watchdog.watch { () throws(LDAPHandle.Failure) in
          try session.modify(dn: dn, modifications, if: condition)
        }
      case .add(let dn, let attributes):
        id = try watchdog.watch { () throws(LDAPHandle.Failure) in try session.add(dn: dn, attributes) }
      }
    } catch {
      // Half a request may have gone out: the session is of no use any more.
      continuation.resume(returning: .failure(.lost("\(uri): \(error.text)")))
      die("\(uri): \(error.text)")
      return
    }
    pending[id] = Pending(isSearch: isSearch, isPage: isPage, continuation: continuation)
    let seconds = isPage ? operationSeconds * Self.pagePatience : operationSeconds
    executor.queue.asyncAfter(deadline: .now() + seconds) { [weak self] in
      self?.assumeIsolated { $0.expire(id, after: seconds) }
    }
  }

  private func expire(_ id: Int32, after seconds: Double) {
    // A server that keeps one operation waiting past its deadline is not waited for with the others either. Message
    // ids are not used twice in a session, so a late timer finds nothing.
    guard pending[id] != nil else { return }
    isOverdue = true
    die("\(uri): no answer within \(seconds) s (directory.operation-timeout)")
  }

  // MARK: Answers

  /// Reads until nothing is left: under TLS, bytes may wait where the socket does not show them.
  private func drain() {
    while !isDead {
      do throws(LDAPHandle.Failure) {
        let next = try watchdog.watch { () throws(LDAPHandle.Failure) in try session.next() }
        guard let message = next else { return }
        receive(message)
      } catch {
        die("\(uri): \(error.text)")
      }
    }
  }

  private func receive(_ message: LDAPHandle.Message) {
    switch message {
    case .entry(let id, let entry):
      guard pending[id]?.isSearch == true else { return die("\(uri): an answer that nobody asked for") }
      pending[id]?.entries.append(entry)
    case .other(let id):
      guard pending[id] != nil else { return die("\(uri): an answer that nobody asked for") }
    case .result(let id, let code, let text, let cookie):
      guard let operation = pending.removeValue(forKey: id) else {
        return die("\(uri): an answer that nobody asked for")
      }
      operation.continuation.resume(returning: meaning(of: code, text, operation, cookie))
      if !waiting.isEmpty {
        let (next, continuation) = waiting.removeFirst()
        start(next, continuation)
      }
      if load == 0 { finishRetirement() }
    }
  }

  /// Every result code has one meaning here; one that is not listed is a refusal, never a success and never "wrong".
  private func meaning(
    of code: Int32, _ text: String, _ operation: Pending, _ cookie: [UInt8]?
  ) -> Result<Answer, DirectoryError> {
    switch code {
    case LDAP_SUCCESS:
      .success(
        operation.isSearch
          ? .found(SearchResult(entries: operation.entries, isComplete: true, cookie: cookie)) : .applied)
    case LDAP_SIZELIMIT_EXCEEDED where operation.isSearch, LDAP_ADMINLIMIT_EXCEEDED where operation.isPage:
      .success(.found(SearchResult(entries: operation.entries, isComplete: false)))
    case LDAP_NO_SUCH_OBJECT: .success(.noSuchObject)
    case LDAP_ASSERTION_FAILED where !operation.isSearch: .success(.conditionFailed)
    case LDAP_ALREADY_EXISTS where !operation.isSearch: .success(.alreadyExists)
    case LDAP_UNAVAILABLE:
      unfit(text)
    case LDAP_BUSY, LDAP_TIMELIMIT_EXCEEDED, LDAP_ADMINLIMIT_EXCEEDED, LDAP_OPERATIONS_ERROR:
      .failure(.unavailable("\(uri): \(text)"))
    default: .failure(.refused(code: code, "\(uri): \(text)"))
    }
  }

  private func unfit(_ text: String) -> Result<Answer, DirectoryError> {
    isUnfit = true
    return .failure(.unavailable("\(uri): \(text)"))
  }

  // MARK: The end

  /// Takes nothing new, and returns once everything that is under way has its answer, or has passed its deadline.
  func retire(closes: Bool = true) async {
    guard !isDead else { return }
    retirement = (closes, retirement?.waiting ?? [])
    if load == 0 { return finishRetirement() }
    await withCheckedContinuation { retirement?.waiting.append($0) }
  }

  private func finishRetirement() {
    guard let (closes, waiting) = retirement else { return }
    retirement = (closes, [])
    for continuation in waiting { continuation.resume() }
    if closes { die("\(uri): closed") }
  }

  func close() { die("\(uri): closed") }

  private func die(_ why: String) {
    guard !isDead else { return }
    isDead = true
    source?.cancel()
    source = nil
    let lost = pending.values
    let never = waiting
    pending = [:]
    waiting = []
    for operation in lost { operation.continuation.resume(returning: .failure(.lost(why))) }
    for (_, continuation) in never { continuation.resume(returning: .failure(.unavailable(why))) }
    finishRetirement()
  }
}

/// An actor's queue.
private final class QueueExecutor: SerialExecutor {
  let queue: DispatchQueue
  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
  }

  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}

extension OpenSession {
  consuming func intoHandle() -> LDAPHandle { handle }
}
