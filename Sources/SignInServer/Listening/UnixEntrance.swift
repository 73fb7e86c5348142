internal import Configuration
internal import Glibc
internal import NIOCore

/// A Unix socket: the kernel says who comes in.
struct UnixEntrance: Entrance {
  let descriptor: Int32
  private let listener: Listener
  private let current: CurrentParts
  /// The service manager's socket, which outlives the daemon.
  private let isHanded: Bool

  init(_ listener: Listener, _ current: CurrentParts, _ handed: HandedSockets) throws(UnixSocket.Failure) {
    let held = handed.descriptor(path: listener.path)
    isHanded = held != nil
    descriptor = if let held { held } else { try UnixSocket.open(listener) }
    self.listener = listener
    self.current = current
  }

  var place: String { listener.path }
  var allowsHalfClosure: Bool { true }

  func receive(_ channel: any Channel, _ arrive: @escaping @Sendable (Visitor) throws -> Void) -> EventLoopFuture<Void>
  {
    peer(of: channel).flatMapThrowing { peer in
      try channel.pipeline.syncOperations.addHandler(Arrival { try arrive(Visitor(peer: peer)) })
    }
  }

  func leave() {
    if !isHanded { unlink(listener.path) }
  }

  /// `struct ucred` of the kernel (unix(7)).
  private struct Credentials {
    var processID: Int32 = 0
    var uid: UInt32 = .max
    var gid: UInt32 = .max
  }

  private func peer(of channel: any Channel) -> EventLoopFuture<Peer> {
    guard let provider = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    let credentials: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
      level: .socket, name: .init(rawValue: SO_PEERCRED))
    return credentials.map {
      Peer(uid: $0.uid, processID: $0.processID, listener: listener, trustedUIDs: current.service.trustedUIDs)
    }
  }
}
