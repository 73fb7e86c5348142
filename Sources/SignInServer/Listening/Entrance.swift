internal import NIOCore

/// Where clients of a listener come in. Its socket listens already, so that a place which is taken ends the start before
/// anybody is served.
protocol Entrance: Sendable {
  /// A listening socket; whoever serves it closes it.
  var descriptor: Int32 { get }
  /// What a log calls it.
  var place: String { get }
  /// Whether a client that has sent everything may close its direction and still hear the replies.
  var allowsHalfClosure: Bool { get }

  /// Prepares an accepted channel, on its event loop. There, `arrive` is called once at the most: as soon as the client
  /// can be talked with.
  func receive(_ channel: any Channel, _ arrive: @escaping @Sendable (Visitor) throws -> Void) -> EventLoopFuture<Void>

  /// Gives the place free.
  func leave()
}

/// Tells once that a channel is active; what is added to the pipeline then misses nothing.
final class Arrival: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let arrive: () throws -> Void

  init(_ arrive: @escaping () throws -> Void) { self.arrive = arrive }

  func channelActive(context: ChannelHandlerContext) {
    do { try arrive() } catch { return context.close(promise: nil) }
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }
}
