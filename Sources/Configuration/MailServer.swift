/// Where mail is handed over: `smtp://host[:port]`, or `smtps://host[:port]` with TLS from the first byte.
public struct MailServer: Sendable, Equatable, CustomStringConvertible {
  public let isImplicitTLS: Bool
  /// A name, an IPv4 address, or an IPv6 address without its brackets.
  public let host: String
  /// 25, and 465 for `smtps`, unless given.
  public let port: Int

  /// Nil for anything else; no user, path or query is accepted (RFC 3986, section 3).
  init?(_ text: String) {
    let scheme = text.hasPrefix("smtps://") ? "smtps://" : "smtp://"
    guard text.hasPrefix(scheme) else { return nil }
    isImplicitTLS = scheme == "smtps://"
    guard let authority = Authority(text.utf8.dropFirst(scheme.utf8.count), port: isImplicitTLS ? 465 : 25) else {
      return nil
    }
    host = authority.host
    port = authority.port
  }

  /// Whether the server is this machine, so that nothing travels.
  public var isLoopback: Bool { Authority.isLoopback(host) }

  public var description: String {
    "\(isImplicitTLS ? "smtps" : "smtp")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}

/// `host`, `host:port`, `[IPv6]` or `[IPv6]:port`.
struct Authority {
  let host: String
  let port: Int

  init?(_ text: some Collection<UInt8>, port standard: Int) {
    var bytes = Array(text)[...]
    let host: ArraySlice<UInt8>
    if bytes.first == UInt8(ascii: "[") {
      guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      host = bytes[..<end].dropFirst()
      bytes = bytes[end...].dropFirst()
      guard host.contains(UInt8(ascii: ":")),
        host.allSatisfy({ Self.isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
      else { return nil }
    } else {
      host = bytes.prefix { $0 != UInt8(ascii: ":") }
      bytes = bytes.dropFirst(host.count)
      guard host.allSatisfy({ Self.isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }) else { return nil }
    }
    guard 1...255 ~= host.count else { return nil }
    if bytes.isEmpty {
      port = standard
    } else {
      let digits = bytes.dropFirst()
      guard bytes.first == UInt8(ascii: ":"), 1...5 ~= digits.count, digits.allSatisfy({ 0x30...0x39 ~= $0 }),
        let number = Int(String(decoding: digits, as: UTF8.self)), 1...65_535 ~= number
      else { return nil }
      port = number
    }
    self.host = String(decoding: host, as: UTF8.self)
  }

  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host == "127.0.0.1"
  }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x41...0x46 ~= byte || 0x61...0x66 ~= byte
  }
}
