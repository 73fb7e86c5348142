internal import NIOCore

/// Cuts the one request of a connection out of its stream. It has ten seconds to be whole, whatever drips in.
final class SaslauthdHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Heard

  enum Heard: Equatable, Sendable {
    case request(SaslauthdRequest)
    case malformed
  }

  private static let requestDeadline = TimeAmount.seconds(10)

  private var parser = SaslauthdRequest.Parser()
  private var alarm: Scheduled<Void>?
  private var isDone = false

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    alarm = context.eventLoop.scheduleTask(in: Self.requestDeadline) { bound.value.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isDone else { return }
    switch parser.take(unwrapInboundIn(data).readableBytesView) {
    case .incomplete: return
    case .request(let request): end(context, .request(request))
    case .malformed: end(context, .malformed)
    }
  }

  /// The daemon ends: who has not asked yet has little time for it.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is Drain.Begun else { return context.fireUserInboundEventTriggered(event) }
    guard !isDone else { return }
    alarm?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    alarm = context.eventLoop.scheduleTask(in: Drain.grace) { bound.value.close(promise: nil) }
  }

  private func end(_ context: ChannelHandlerContext, _ heard: Heard) {
    isDone = true
    alarm?.cancel()
    alarm = nil
    parser = SaslauthdRequest.Parser()
    context.fireChannelRead(wrapInboundOut(heard))
  }

  func channelInactive(context: ChannelHandlerContext) {
    alarm?.cancel()
    alarm = nil
    context.fireChannelInactive()
  }
}
