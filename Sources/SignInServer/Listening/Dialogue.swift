internal import NIOCore

/// What is talked on a listener: how bytes become messages, and the talk with one client from its greeting to its end.
protocol Dialogue: Sendable {
  associatedtype Heard: Sendable
  associatedtype Said: Sendable

  /// Adds the handlers between bytes and messages, on the channel's event loop, before anything is read.
  func frame(_ channel: any Channel) throws

  /// All that is said to a client that there is no place for; nil for nothing.
  var busy: Said? { get }

  /// Returns when nothing is left to say, and throws when the client has gone; either closes the connection.
  func talk(
    with visitor: Visitor, _ inbound: NIOAsyncChannelInboundStream<Heard>,
    _ outbound: NIOAsyncChannelOutboundWriter<Said>
  ) async throws
}

/// A client that came in.
struct Visitor: Sendable {
  let peer: Peer
  /// Over TLS alone; it is told when the user becomes known.
  var place: StartupPlace?
}
