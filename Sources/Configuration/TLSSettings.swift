internal import Glibc

/// How TLS is spoken at a `[[listen]]` with an address.
public struct TLSSettings: Sendable, Equatable {
  public enum Version: String, Sendable, CaseIterable {
    case tls13 = "1.3"
    case tls12 = "1.2"
  }

  public enum ClientCertificates: String, Sendable, CaseIterable {
    case none, optional, required
  }

  /// A chain in PEM, the server's own certificate first.
  public var certificate = ""
  /// Its key in PEM.
  public var key = ""
  public var minimum = Version.tls13
  /// None is asked for; one that is shown must be good; or one must be shown.
  public var clientCertificates = ClientCertificates.none
  /// Authorities in PEM; there unless no certificate is asked for.
  public var clientCA: String?
  /// Names in client certificates that are trusted as listed Unix users are.
  public var trustedNames: [String] = []
}

/// An address of this host and a port of it; `0.0.0.0` and `::` are all of them.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// An IPv4 or IPv6 address, without brackets.
  public let host: String
  /// 1–65,535.
  public let port: UInt16
  public var isIPv6: Bool { host.utf8.contains(UInt8(ascii: ":")) }

  /// `address:port`, an IPv6 address in brackets; nil for anything else, a name among it.
  init?(_ text: String) {
    guard let authority = Authority(text.utf8, port: 0), authority.port > 0 else { return nil }
    host = authority.host
    port = UInt16(authority.port)
    var bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &bytes) == 1 else { return nil }
  }

  public var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// `start:percent:full`, as OpenSSH's MaxStartups.
public struct Startups: Sendable, Equatable {
  /// From so many on, some are refused.
  public var start = 0
  /// How many of a hundred are refused there; more with each further one.
  public var percent = 0
  /// From so many on, all are refused.
  public var full = 0

  public init(start: Int, percent: Int, full: Int) {
    self.start = start
    self.percent = percent
    self.full = full
  }

  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      1...5 ~= part.utf8.count && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(part) : nil
    }
    guard parts.count == 3, numbers.count == 3, 1...100 ~= numbers[1], numbers[0] > 0, numbers[0] <= numbers[2],
      numbers[2] <= 10_000
    else { return nil }
    self.init(start: numbers[0], percent: numbers[1], full: numbers[2])
  }
}
