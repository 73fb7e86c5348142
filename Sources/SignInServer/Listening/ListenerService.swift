internal import Configuration
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization
internal import Wire

/// One listener: accepts connections at its entrance, and leads its dialogue on each.
struct ListenerService<Talk: Dialogue>: Service {
  private typealias Client = NIOAsyncChannel<Talk.Heard, Talk.Said>

  let entrance: any Entrance
  let dialogue: Talk
  let admission: Admission
  let metrics: Metrics
  let logger: Logger

  func run() async throws {
    let leaves = Mutex(true)
    // Once: later, the place may be another daemon's.
    let leave: @Sendable () -> Void = { [entrance] in
      let isFirst = leaves.withLock { leaves in
        defer { leaves = false }
        return leaves
      }
      if isFirst { entrance.leave() }
    }
    defer { leave() }
    let connections = AcceptedConnections()
    let arrivals = Arrivals<Talk.Heard, Talk.Said>(max: admission.connectionsMax + Admission.adminConnectionsMax)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      // Out of descriptors: wait a moment, instead of turning in circles or giving up.
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            AcceptBackoffHandler(shouldForwardIOErrorCaught: false), AcceptedHandler(connections))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: entrance.allowsHalfClosure)
      // One line at the most is read ahead of its turn: who sends faster waits in the kernel.
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: LineLimit.lineMaxBytes))
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(ActiveHandler(connections))
        }.flatMap {
          entrance.receive(channel) { visitor in
            try dialogue.frame(channel)
            let client = try Client(
              wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            arrivals.add(client, visitor)
            connections.isMet(channel)
          }
        }
      }
      .withBoundSocket(entrance.descriptor).get()
    // Whatever closes it: nobody waits for clients that cannot come.
    server.closeFuture.whenComplete { _ in connections.drain(whenActive: {}, whenMet: { arrivals.end() }) }
    logger.notice("listening", metadata: ["at": "\(entrance.place)"])
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        for await (client, visitor) in arrivals.stream { group.addTask { await talk(with: client, visitor) } }
        // Nobody else comes. Who is inside is heard to the end, unless there is no more time.
        server.close(promise: nil)
        if Task.isCancelled { group.cancelAll() }
      }
    } onGracefulShutdown: {
      leave()
      // Whoever connects from now on stays with the kernel: a socket that was handed over has a next daemon.
      server.setOption(.autoRead, value: false).whenComplete { _ in
        connections.drain(whenActive: { server.close(promise: nil) }, whenMet: { arrivals.end() })
      }
    }
    guard !leaves.withLock({ $0 }) || Task.isCancelled else { throw Closed(place: entrance.place) }
  }

  /// The listening socket is gone, and the daemon does not end.
  struct Closed: Error { let place: String }

  /// Whatever a client does ends its own conversation only.
  private func talk(with client: Client, _ visitor: Visitor) async {
    try? await client.executeThenClose { inbound, outbound in
      guard admission.enter(visitor.peer) else {
        metrics.count { $0.refused.add("full") }
        if let busy = dialogue.busy { try await outbound.write(busy) }
        return
      }
      metrics.count { $0.accepted.add(visitor.peer.role.rawValue) }
      defer { admission.leave(visitor.peer) }
      try await dialogue.talk(with: visitor, inbound, outbound)
    }
  }
}
