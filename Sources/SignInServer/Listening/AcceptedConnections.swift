internal import NIOCore
internal import Synchronization

/// The connections of one listener, from the moment that the kernel gave them away: nobody else answers them.
final class AcceptedConnections: Sendable {
  private enum Stage { case accepted, active, met }

  private struct State {
    var channels: [ObjectIdentifier: (channel: any Channel, stage: Stage)] = [:]
    var isDraining = false
    var whenActive: (@Sendable () -> Void)?
    var whenMet: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// On the event loop that accepts.
  func accept(_ channel: any Channel) {
    state.withLock { $0.channels[ObjectIdentifier(channel)] = (channel, .accepted) }
    channel.closeFuture.whenComplete { [self] _ in change { $0.channels[ObjectIdentifier(channel)] = nil } }
  }

  /// It no longer depends on the socket that it came from.
  func isActive(_ channel: any Channel) { change { $0.channels[ObjectIdentifier(channel)]?.stage = .active } }

  /// It is talked with from now on.
  func isMet(_ channel: any Channel) {
    change { $0.channels[ObjectIdentifier(channel)]?.stage = .met }
    if state.withLock(\.isDraining) { channel.pipeline.fireUserInboundEventTriggered(Drain.Begun()) }
  }

  /// Once no more are accepted: tells all of them that the daemon ends.
  ///
  /// - Parameters:
  ///   - whenActive: called once as soon as the listening socket may be closed.
  ///   - whenMet: called once as soon as nobody else is to be talked with.
  func drain(whenActive: @escaping @Sendable () -> Void, whenMet: @escaping @Sendable () -> Void) {
    let present = state.withLock { state in
      state.isDraining = true
      state.whenActive = whenActive
      state.whenMet = whenMet
      return state.channels.values.filter { $0.stage == .met }.map(\.channel)
    }
    for channel in present { channel.pipeline.fireUserInboundEventTriggered(Drain.Begun()) }
    change { _ in }
  }

  private func change(_ apply: (inout State) -> Void) {
    let due = state.withLock { state in
      apply(&state)
      guard state.isDraining else { return [@Sendable () -> Void]() }
      let stages = state.channels.values.map(\.stage)
      var due: [@Sendable () -> Void] = []
      if state.whenActive != nil, !stages.contains(.accepted) { due += [state.whenActive.take()].compactMap { $0 } }
      if state.whenMet != nil, stages.allSatisfy({ $0 == .met }) { due += [state.whenMet.take()].compactMap { $0 } }
      return due
    }
    for act in due { act() }
  }
}

/// Sees each connection as it is accepted. It stands in the listening channel, before anything is done with them.
final class AcceptedHandler: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private let connections: AcceptedConnections

  init(_ connections: AcceptedConnections) { self.connections = connections }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connections.accept(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }
}

/// Tells once that an accepted channel is active.
final class ActiveHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let connections: AcceptedConnections

  init(_ connections: AcceptedConnections) { self.connections = connections }

  func channelActive(context: ChannelHandlerContext) {
    connections.isActive(context.channel)
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
