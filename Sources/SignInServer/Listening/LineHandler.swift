internal import NIOCore
internal import Wire

/// What a client did.
enum Inbound: Sendable {
  case line([UInt8])
  case tooLong
  /// Ten seconds after it was begun, a line had no end.
  case stalled
  /// The deadline of the last reply passed.
  case expired
}

struct Outbound: Sendable {
  var bytes: [UInt8]
  /// From when this is written; the next line stops it.
  var deadline: TimeAmount?
}

/// Cuts the stream into lines, and keeps the deadlines: one for a line that was begun, whatever drips in meanwhile,
/// and one for the answer to the last reply.
final class LineHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Inbound
  typealias OutboundIn = Outbound
  typealias OutboundOut = ByteBuffer

  private static let lineDeadline = TimeAmount.seconds(10)
  /// A client that does not read its replies is let go.
  private static let writeDeadline = TimeAmount.seconds(10)

  private var line: [UInt8] = []
  private var lineTimer: Scheduled<Void>?
  private var answerTimer: Scheduled<Void>?
  private var isDeaf = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    for byte in unwrapInboundIn(data).readableBytesView where !isDeaf {
      if byte == UInt8(ascii: "\n") {
        end(context, .line(line))
        line.removeAll(keepingCapacity: true)
      } else if line.count >= LineLimit.lineMaxBytes {
        isDeaf = true
        end(context, .tooLong)
      } else {
        if line.isEmpty { lineTimer = fire(.stalled, after: Self.lineDeadline, context) }
        line.append(byte)
      }
    }
  }

  private func end(_ context: ChannelHandlerContext, _ event: Inbound) {
    lineTimer?.cancel()
    answerTimer?.cancel()
    context.fireChannelRead(wrapInboundOut(event))
  }

  private func fire(_ event: Inbound, after delay: TimeAmount, _ context: ChannelHandlerContext) -> Scheduled<Void> {
    let bound = NIOLoopBound((context, self), eventLoop: context.eventLoop)
    return context.eventLoop.scheduleTask(in: delay) {
      let (context, handler) = bound.value
      if case .stalled = event { handler.isDeaf = true }
      context.fireChannelRead(handler.wrapInboundOut(event))
      context.fireChannelReadComplete()
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let reply = unwrapOutboundIn(data)
    answerTimer?.cancel()
    answerTimer = reply.deadline.map { fire(.expired, after: $0, context) }
    let written = promise ?? context.eventLoop.makePromise()
    let timer = context.eventLoop.scheduleTask(in: Self.writeDeadline) { [channel = context.channel] in
      channel.close(promise: nil)
    }
    written.futureResult.whenComplete { _ in timer.cancel() }
    context.write(wrapOutboundOut(ByteBuffer(bytes: reply.bytes)), promise: written)
  }

  func channelInactive(context: ChannelHandlerContext) {
    lineTimer?.cancel()
    answerTimer?.cancel()
    context.fireChannelInactive()
  }
}
