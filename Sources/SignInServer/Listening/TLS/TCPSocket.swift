internal import Configuration
internal import Glibc

/// A listening TCP socket at an address of this host.
enum TCPSocket {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// A peer that is gone without a word is noticed after two minutes.
  private static let keepAlive: [(level: Int32, name: Int32, value: Int32)] = [
    (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15),
    (Int32(IPPROTO_TCP), TCP_KEEPCNT, 4),
  ]

  static func open(_ address: ListenAddress) throws(Failure) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
    guard descriptor >= 0 else { throw failure(address) }
    // Those that are accepted inherit what is set here (tcp(7)).
    let options = [(level: SOL_SOCKET, name: SO_REUSEADDR, value: Int32(1))] + keepAlive
    guard options.allSatisfy({ set(descriptor, $0) }), bind(descriptor, address), listen(descriptor, 128) == 0 else {
      let failed = failure(address)
      close(descriptor)
      throw failed
    }
    return descriptor
  }

  private static func set(_ descriptor: Int32, _ option: (level: Int32, name: Int32, value: Int32)) -> Bool {
    var value = option.value
    return setsockopt(descriptor, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
  }

  private static func bind(_ descriptor: Int32, _ address: ListenAddress) -> Bool {
    if address.isIPv6 {
      var place = sockaddr_in6()
      place.sin6_family = sa_family_t(AF_INET6)
      place.sin6_port = address.port.bigEndian
      return inet_pton(AF_INET6, address.host, &place.sin6_addr) == 1
        && withSocketAddress(place) { Glibc.bind(descriptor, $0, $1) } == 0
    }
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = address.port.bigEndian
    return inet_pton(AF_INET, address.host, &place.sin_addr) == 1
      && withSocketAddress(place) { Glibc.bind(descriptor, $0, $1) } == 0
  }

  private static func failure(_ address: ListenAddress) -> Failure {
    let what =
      switch errno {
      case EADDRINUSE: "another process answers there already (listen.address)"
      case EADDRNOTAVAIL: "no address of this host (listen.address)"
      case EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE (listen.address)"
      default: "\(String(cString: strerror(errno))) (listen.address)"
      }
    return Failure(description: "\(address): \(what)")
  }
}
