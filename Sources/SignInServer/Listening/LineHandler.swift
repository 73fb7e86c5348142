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
  /// The daemon ends, and nothing has come for a while: unless something is under way, this is the end.
  case quiet
  /// The daemon ends, and waits no longer for whatever is under way.
  case stopping
}

struct Outbound: Sendable {
  var bytes: [UInt8]
  /// From when this is written; the next line stops it.
  var deadline: TimeAmount?
  /// False for an item of a list, which more follows.
  var isWhole = true
}

/// Cuts the stream into lines, and keeps the deadlines: one for a line that was begun, whatever drips in meanwhile, one
/// for the answer to the last reply, and one for what the client does not read.
final class LineHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Inbound
  typealias OutboundIn = Outbound
  typealias OutboundOut = ByteBuffer

  private static let lineDeadline = TimeAmount.seconds(10)
  /// A client that does not read its replies is let go.
  private static let writeDeadline = TimeAmount.seconds(10)

  private let answersEach: Bool
  private var line: [UInt8] = []
  private var isDeaf = false
  private var unwritten = 0

  private var lineBy: NIODeadline?
  private var answerBy: NIODeadline?
  private var writtenBy: NIODeadline?
  /// While the daemon ends: when a silence has lasted long enough, when silence is not waited for any more, and when
  /// nothing is.
  private var quietBy: NIODeadline?
  private var graceEnds: NIODeadline?
  private var stoppingBy: NIODeadline?
  /// Of the last byte in either direction.
  private var lastActive: NIODeadline?
  private var awaitsReply = false
  /// The one timer of a connection. To cancel one costs a look at all that there are, so it is left to ring, and looks
  /// then which deadline is over.
  private var alarm: (at: NIODeadline, timer: Scheduled<Void>)?

  /// - Parameter answersEach: each line has one reply, in its turn.
  init(answersEach: Bool = true) { self.answersEach = answersEach }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    for byte in unwrapInboundIn(data).readableBytesView where !isDeaf {
      if byte == UInt8(ascii: "\n") {
        end(context, .line(line))
        line.removeAll(keepingCapacity: true)
      } else if line.count >= LineLimit.lineMaxBytes {
        isDeaf = true
        end(context, .tooLong)
      } else {
        line.append(byte)
      }
    }
    lastActive = context.eventLoop.now
    if !line.isEmpty, !isDeaf, lineBy == nil {
      lineBy = context.eventLoop.now + Self.lineDeadline
      setAlarm(context)
    }
    waitForQuiet(context)
  }

  private func end(_ context: ChannelHandlerContext, _ event: Inbound) {
    lineBy = nil
    answerBy = nil
    awaitsReply = answersEach
    context.fireChannelRead(wrapInboundOut(event))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let reply = unwrapOutboundIn(data)
    let now = context.eventLoop.now
    answerBy = reply.deadline.map { now + $0 }
    if unwritten == 0 { writtenBy = now + Self.writeDeadline }
    unwritten += 1
    let written = promise ?? context.eventLoop.makePromise()
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    written.futureResult.whenComplete { [eventLoop = context.eventLoop] _ in
      let handler = bound.value
      handler.unwritten -= 1
      // What was written gives the rest its time anew.
      handler.writtenBy =
        handler.unwritten == 0 ? nil : handler.writtenBy.map { _ in eventLoop.now + Self.writeDeadline }
    }
    lastActive = now
    if reply.isWhole { awaitsReply = false }
    waitForQuiet(context)
    setAlarm(context)
    context.write(wrapOutboundOut(ByteBuffer(bytes: reply.bytes)), promise: written)
  }

  // MARK: The daemon's end

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is Drain.Begun, graceEnds == nil else { return context.fireUserInboundEventTriggered(event) }
    let now = context.eventLoop.now
    graceEnds = now + Drain.grace
    stoppingBy = now + Drain.flowsEnd
    waitForQuiet(context)
    setAlarm(context)
  }

  /// What was begun, or waits for its reply, is no silence.
  private func waitForQuiet(_ context: ChannelHandlerContext) {
    guard let graceEnds, !isDeaf else { return }
    guard line.isEmpty, !awaitsReply else {
      quietBy = nil
      return
    }
    let now = context.eventLoop.now
    let isIdle = lastActive.map { $0 + Drain.grace < now } ?? false
    quietBy = isIdle ? min(now + Drain.quiet, graceEnds) : max(now, graceEnds)
    setAlarm(context)
  }

  // MARK: Deadlines

  private func setAlarm(_ context: ChannelHandlerContext) {
    guard let next = [lineBy, answerBy, writtenBy, quietBy, stoppingBy].compactMap({ $0 }).min() else { return }
    if let alarm {
      if alarm.at <= next { return }
      alarm.timer.cancel()
    }
    let bound = NIOLoopBound((context, self), eventLoop: context.eventLoop)
    let timer = context.eventLoop.scheduleTask(deadline: next) {
      let (context, handler) = bound.value
      handler.ring(context)
    }
    alarm = (next, timer)
  }

  private func ring(_ context: ChannelHandlerContext) {
    alarm = nil
    let now = context.eventLoop.now
    if isOver(writtenBy, at: now) { return context.close(promise: nil) }
    if isOver(lineBy, at: now) {
      isDeaf = true
      end(context, .stalled)
      context.fireChannelReadComplete()
    } else if isOver(answerBy, at: now) {
      answerBy = nil
      fire(context, .expired)
    } else if isOver(stoppingBy, at: now) {
      (stoppingBy, quietBy) = (nil, nil)
      isDeaf = true
      fire(context, .stopping)
    } else if isOver(quietBy, at: now) {
      quietBy = nil
      fire(context, .quiet)
    }
    setAlarm(context)
  }

  private func fire(_ context: ChannelHandlerContext, _ event: Inbound) {
    context.fireChannelRead(wrapInboundOut(event))
    context.fireChannelReadComplete()
  }

  private func isOver(_ deadline: NIODeadline?, at now: NIODeadline) -> Bool { deadline.map { $0 <= now } ?? false }

  func channelInactive(context: ChannelHandlerContext) {
    (lineBy, answerBy, writtenBy, quietBy, stoppingBy) = (nil, nil, nil, nil, nil)
    alarm?.timer.cancel()
    alarm = nil
    context.fireChannelInactive()
  }
}
