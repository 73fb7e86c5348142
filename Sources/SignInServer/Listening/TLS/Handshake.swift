internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Stands behind the TLS handler until the handshake is done, and ends a connection whose client takes too long for it.
final class Handshake: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private static let deadline = TimeAmount.seconds(10)

  private let tls: NIOSSLServerHandler
  private let arrive: (NIOSSLCertificate?) throws -> Void
  private let fail: (any Error) -> Void
  private var isDone = false

  /// - Parameters:
  ///   - arrive: is told the client's certificate, which is good.
  ///   - fail: is told why the handshake failed.
  init(
    _ tls: NIOSSLServerHandler, arrive: @escaping (NIOSSLCertificate?) throws -> Void,
    fail: @escaping (any Error) -> Void
  ) {
    self.tls = tls
    self.arrive = arrive
    self.fail = fail
  }

  struct TookTooLong: Error {}

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((context, self), eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: Self.deadline) {
      let (context, handler) = bound.value
      guard !handler.isDone else { return }
      handler.end(TookTooLong())
      context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted = event, !isDone else {
      return context.fireUserInboundEventTriggered(event)
    }
    isDone = true
    do { try arrive(tls.peerCertificate) } catch { return context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(error)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    isDone = true
    context.fireChannelInactive()
  }

  private func end(_ error: any Error) {
    guard !isDone else { return }
    isDone = true
    fail(error)
  }
}
