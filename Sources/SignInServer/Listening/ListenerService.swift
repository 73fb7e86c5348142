internal import Configuration
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
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
    defer { entrance.leave() }
    let arrivals = Arrivals<Talk.Heard, Talk.Said>(max: admission.connectionsMax + Admission.adminConnectionsMax)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      // Out of descriptors: wait a moment, instead of turning in circles or giving up.
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler(shouldForwardIOErrorCaught: false))
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: entrance.allowsHalfClosure)
      // One line at the most is read ahead of its turn: who sends faster waits in the kernel.
      .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: LineLimit.lineMaxBytes))
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        entrance.receive(channel) { visitor in
          try dialogue.frame(channel)
          let client = try Client(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
          arrivals.add(client, visitor)
        }
      }
      .withBoundSocket(entrance.descriptor).get()
    server.closeFuture.whenComplete { _ in arrivals.end() }
    logger.notice("listening", metadata: ["at": "\(entrance.place)"])
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        for await (client, visitor) in arrivals.stream { group.addTask { await talk(with: client, visitor) } }
        // The daemon ends. Nobody else is let in, and who is inside is told no more.
        server.close(promise: nil)
        group.cancelAll()
      }
    }
  }

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
