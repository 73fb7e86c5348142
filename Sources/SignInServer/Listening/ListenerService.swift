internal import Configuration
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Wire

/// One Unix socket: accepts connections and leads a conversation on each.
struct ListenerService: Service {
  private typealias Client = NIOAsyncChannel<Inbound, Outbound>

  let listener: Listener
  let service: SignInService
  let administration: Administration
  let admission: Admission

  func run() async throws {
    let descriptor = try UnixSocket.open(listener)
    let server: NIOAsyncChannel<Client, Never> = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      // Out of descriptors: wait a moment, instead of turning in circles or giving up.
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler(shouldForwardIOErrorCaught: false))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      // One line at the most is read ahead of its turn: who sends faster waits in the kernel.
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: LineLimit.lineMaxBytes))
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .withBoundSocket(descriptor) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(LineHandler())
          return try Client(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    service.logger.notice("listening", metadata: ["path": "\(listener.path)", "role": "\(listener.role)"])
    defer { unlink(listener.path) }
    try await cancelWhenGracefulShutdown {
      try await server.executeThenClose { clients in
        await withDiscardingTaskGroup { group in
          do {
            for try await client in clients { group.addTask { await talk(with: client) } }
          } catch is CancellationError {
            // The daemon ends.
          } catch {
            service.logger.error("accept failed", metadata: ["reason": "\(error)"])
          }
          group.cancelAll()
        }
      }
    }
  }

  /// Whatever a client does ends its own conversation only.
  private func talk(with client: Client) async {
    try? await client.executeThenClose { inbound, outbound in
      let peer = try await peer(of: client.channel)
      guard admission.enter(peer) else {
        return try await outbound.write(.init(Reply.later("busy", after: 5, text: "Too many connections.")))
      }
      defer { admission.leave(peer) }
      var conversation = Conversation(service: service, administration: administration, peer: peer)
      defer { conversation.hangUp() }
      try await outbound.write(Outbound(conversation.greeting))
      for try await event in inbound {
        let response: Conversation.Response
        switch event {
        case .line(let line):
          response = await conversation.respond(to: line) { item in
            await (try? outbound.write(Outbound(bytes: item.encode()))) != nil
          }
        case .tooLong: response = Conversation.Response(reply: .err(.lineTooLong), closes: true)
        case .stalled: return
        case .expired:
          guard let expired = conversation.expire() else { return }
          response = expired
        }
        try await outbound.write(Outbound(response))
        if response.closes { return }
      }
    }
  }

  /// `struct ucred` of the kernel (unix(7)).
  private struct Credentials {
    var processID: Int32 = 0
    var uid: UInt32 = .max
    var gid: UInt32 = .max
  }

  private func peer(of channel: any Channel) async throws -> Peer {
    guard let provider = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
    let credentials: Credentials = try await provider.unsafeGetSocketOption(
      level: .socket, name: .init(rawValue: SO_PEERCRED)
    )
    .get()
    return Peer(
      uid: credentials.uid, processID: credentials.processID, listener: listener, trustedUIDs: service.trustedUIDs)
  }
}

extension Outbound {
  fileprivate init(_ reply: Reply) { self.init(bytes: reply.encode()) }

  fileprivate init(_ response: Conversation.Response) {
    self.init(bytes: response.reply.encode(), deadline: response.deadline.map { TimeAmount($0) })
  }
}

extension ServerBootstrap {
  fileprivate func withBoundSocket<Output: Sendable>(
    _ descriptor: Int32, childChannelInitializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
  ) async throws -> NIOAsyncChannel<Output, Never> {
    try await bind(descriptor, childChannelInitializer: childChannelInitializer)
  }
}
