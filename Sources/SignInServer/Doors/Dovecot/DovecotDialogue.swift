internal import Glibc
internal import NIOCore
internal import SignIn
internal import Synchronization

/// Dovecot's authentication protocol, the clients' side of it: PLAIN and LOGIN, many requests on one connection.
struct DovecotDialogue: Dialogue {
  let door: Door

  /// Requests under way on one connection.
  static let requestsMax = 64
  private static let handshakeDeadline = TimeAmount.seconds(10)
  private static let cookieLength = 16
  private static let connections = Atomic<UInt64>(0)

  func frame(_ channel: any Channel) throws {
    try channel.pipeline.syncOperations.addHandler(LineHandler(answersEach: false))
  }

  var busy: Outbound? { nil }

  /// Ids of requests whose checks are under way.
  private final class Running: Sendable {
    private let ids = Mutex<Set<UInt32>>([])

    func contains(_ id: UInt32) -> Bool { ids.withLock { $0.contains(id) } }
    var count: Int { ids.withLock(\.count) }
    func insert(_ id: UInt32) { ids.withLock { _ = $0.insert(id) } }
    func takeAll() -> Set<UInt32> {
      ids.withLock { ids in
        defer { ids = [] }
        return ids
      }
    }
    /// False where it was cancelled.
    func remove(_ id: UInt32) -> Bool { ids.withLock { $0.remove(id) != nil } }
  }

  private struct Open {
    let authentication: DovecotCommand.Authentication
    var exchange: PlaintextExchange
  }

  func talk(
    with visitor: Visitor, _ inbound: NIOAsyncChannelInboundStream<Inbound>,
    _ outbound: NIOAsyncChannelOutboundWriter<Outbound>
  ) async throws {
    guard door.admits(visitor.peer) else { return }
    let cookie = try door.service.random(Self.cookieLength)
    let number = Self.connections.wrappingAdd(1, ordering: .relaxed).newValue
    let greeting = DovecotReply.greeting(processID: getpid(), connection: number, cookie: cookie)
    try await outbound.write(Outbound(bytes: greeting, deadline: Self.handshakeDeadline))
    let running = Running()
    var open: [UInt32: Open] = [:]
    var isKnown = false
    try await withThrowingDiscardingTaskGroup { group in
      for try await event in inbound {
        // Of a client that was quicker than the greeting, the deadline is no matter any more.
        if isKnown, case .expired = event { continue }
        if case .quiet = event {
          guard !open.isEmpty || running.count > 0 else { return }
          continue
        }
        if case .stopping = event {
          for id in Set(open.keys).union(running.takeAll()) {
            try await outbound.write(Self.failure(id, .init(code: .temporary, reason: "The server is restarted.")))
          }
          return
        }
        guard case .line(let line) = event else { return }
        let command: DovecotCommand
        do throws(DovecotCommand.Malformed) { command = try DovecotCommand(line) } catch { return }
        if case .version(let major) = command {
          guard major == 1 else { return }
          isKnown = true
          continue
        }
        guard isKnown else { return }

        var response: [UInt8]?
        let id: UInt32
        switch command {
        case .version, .unknown: continue
        case .cancel(let cancelled):
          open[cancelled] = nil
          _ = running.remove(cancelled)
          continue
        case .authenticate(let authentication):
          id = authentication.id
          // An id that is in use: whose the answer would be, nobody could tell.
          guard open[id] == nil, !running.contains(id) else { return }
          guard open.count + running.count < Self.requestsMax else {
            try await outbound.write(Self.failure(id, .init(code: .temporary, reason: "Too many requests.")))
            continue
          }
          guard let exchange = PlaintextExchange(mechanism: authentication.mechanism) else {
            try await outbound.write(Self.failure(id, .init(reason: "Unsupported mechanism.")))
            continue
          }
          open[id] = Open(authentication: authentication, exchange: exchange)
          response = authentication.response
        case .goOn(let going, let given):
          id = going
          response = given
        }
        guard var request = open[id] else { continue }
        switch request.exchange.receive(response) {
        case .challenge(let text):
          open[id] = request
          try await outbound.write(Outbound(bytes: DovecotReply.challenge(id: id, base64: text).encode()))
        case .malformed:
          open[id] = nil
          try await outbound.write(Self.failure(id, .init(reason: "Malformed response.")))
        case .otherIdentity:
          open[id] = nil
          try await outbound.write(Self.failure(id, .init(code: .authorization)))
        case .credentials(let login, let secret):
          open[id] = nil
          running.insert(id)
          let attempt = Door.Attempt(
            login: login, secret: secret, service: request.authentication.service, from: request.authentication.from,
            peer: visitor.peer)
          group.addTask {
            let reply = await reply(to: attempt, id: id)
            // Who has gone hears nothing; what was decided stands.
            if running.remove(id) { try? await outbound.write(Outbound(bytes: reply.encode())) }
          }
        }
      }
    }
  }

  private func reply(to attempt: Door.Attempt, id: UInt32) async -> DovecotReply {
    let texts = door.service.texts.standard
    switch await door.verdict(on: attempt) {
    case .accepted(let account):
      return .accepted(id: id, user: (account.mail ?? account.uid).map { Array($0.utf8) } ?? attempt.login)
    case .later(let reason):
      let text = texts[Text(Later(reason: reason))]
      return .failed(id: id, .init(code: .temporary, user: attempt.login, reason: text))
    case .refused(let refusal, let account):
      switch refusal {
      case .denied, .notPermitted: return .failed(id: id, .init(user: attempt.login))
      case .locked:
        return .failed(id: id, .init(user: attempt.login, reason: texts[.locked]))
      case .deactivated:
        let reason = account.map { texts[Text(.deactivated($0))] }
        return .failed(id: id, .init(code: .disabled, user: attempt.login, reason: reason))
      case .passwordExpired:
        return .failed(
          id: id, .init(code: .expired, user: attempt.login, reason: texts[.passwordExpired]))
      }
    }
  }

  private static func failure(_ id: UInt32, _ failure: DovecotReply.Failure) -> Outbound {
    Outbound(bytes: DovecotReply.failed(id: id, failure).encode())
  }
}
