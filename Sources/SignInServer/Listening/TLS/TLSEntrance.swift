internal import Configuration
internal import Logging
internal import NIOCore
internal import NIOSSL

/// TLS over TCP: a client is talked with once the handshake is done, and known by its certificate, if by anything.
struct TLSEntrance: Entrance {
  let descriptor: Int32
  private let address: ListenAddress
  private let role: Listener.Role
  private let trustedNames: Set<String>
  private let credentials: CurrentCredentials
  private let places: StartupPlaces
  private let metrics: Metrics
  private let logger: Logger

  init(
    _ address: ListenAddress, role: Listener.Role, trustedNames: [String], _ credentials: CurrentCredentials,
    _ places: StartupPlaces, metrics: Metrics, logger: Logger
  ) throws(TCPSocket.Failure) {
    descriptor = try TCPSocket.open(address)
    self.address = address
    self.role = role
    self.trustedNames = Set(trustedNames.compactMap { ClientName.printable(Array($0.utf8)) })
    self.credentials = credentials
    self.places = places
    self.metrics = metrics
    self.logger = logger
  }

  struct NoPlace: Error {}

  var place: String { "\(address)" }
  /// TLS tells an end from a cut (close_notify), so an end may be of one direction.
  var allowsHalfClosure: Bool { true }

  func receive(_ channel: any Channel, _ arrive: @escaping @Sendable (Visitor) throws -> Void) -> EventLoopFuture<Void>
  {
    channel.eventLoop.makeCompletedFuture {
      guard let ip = channel.remoteAddress?.ipAddress, let port = channel.remoteAddress?.port else {
        throw ChannelError.operationUnsupported
      }
      guard let place = places.enter(Source(address: Array(ip.utf8))) else {
        metrics.count { $0.refused.add("startups") }
        logger.debug("no place", metadata: ["address": "\(ip)"])
        throw NoPlace()
      }
      channel.closeFuture.whenComplete { _ in place.leave() }
      let tls = NIOSSLServerHandler(context: credentials.context)
      let handshake = Handshake(tls) { certificate in
        let peer = peer(ip, port, certificate)
        if peer.isTrusted { place.leave() } else if certificate != nil { place.isKnown() }
        try arrive(Visitor(peer: peer, place: place))
      } fail: { error in
        metrics.count { $0.refused.add("handshake") }
        logger.debug("no handshake", metadata: ["address": "\(ip)", "reason": "\(error)"])
      }
      try channel.pipeline.syncOperations.addHandlers(tls, handshake)
    }
  }

  /// Of several names, the one that is trusted counts.
  private func peer(_ ip: String, _ port: Int, _ certificate: NIOSSLCertificate?) -> Peer {
    let names = certificate.map(ClientName.all) ?? []
    let trusted = names.first(where: trustedNames.contains)
    return Peer(
      address: ip, port: port, certificate: certificate.map { _ in trusted ?? names.first ?? "-" },
      isTrusted: trusted != nil, role: role)
  }

  func leave() {}
}
