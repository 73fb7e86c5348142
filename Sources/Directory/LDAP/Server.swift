internal import CLDAP
internal import Dispatch
internal import Glibc
public import Secrets
internal import Synchronization

/// Where the directory is, and as whom Drawbridge speaks to it.
public struct Server: Sendable {
  public enum Identity: Sendable {
    /// SASL EXTERNAL (RFC 4422, appendix A): over ldapi, the user that the daemon runs as.
    case external
    /// An empty password is an anonymous bind to many servers (RFC 4513, section 5.1.2); `init` refuses it.
    case simple(dn: String, password: Secret)
  }

  public var uri: String
  public var identity: Identity
  public var startTLS: Bool
  public var caFile: String?
  public var connectSeconds: Double
  public var operationSeconds: Double

  public init(
    uri: String, identity: Identity, startTLS: Bool = false, caFile: String? = nil, connectSeconds: Double = 2,
    operationSeconds: Double = 3
  ) throws(DirectoryError) {
    if case .simple(let dn, let password) = identity {
      let isBlank = password.withBytes { $0.first == 0 || $0.allSatisfy { $0 == 0x20 } }
      guard !dn.isEmpty, !isBlank else {
        throw .unsuitable("a simple bind needs directory.bind-dn and a directory.bind-password-file that is not empty")
      }
    }
    self.uri = uri
    self.identity = identity
    self.startTLS = startTLS
    self.caFile = caFile
    self.connectSeconds = connectSeconds
    self.operationSeconds = operationSeconds
  }

  /// For whatever is done until the server can be used, the look-up of its name and the look at what it can do included.
  var patience: Double { connectSeconds + 1 }

  /// Connects, negotiates TLS and binds; answers the session and its socket. Blocks for at most `connectSeconds`:
  /// libldap has no deadline for a TLS handshake, so a fuse shuts the socket down, which frees the thread.
  func open() throws(DirectoryError) -> OpenSession {
    let socket = try connect()
    let fuse = Fuse(socket: socket, seconds: connectSeconds)
    var session: OpaquePointer?
    let scheme = uri.hasPrefix("ldapi:") ? LDAP_PROTO_IPC : LDAP_PROTO_TCP
    guard ldap_init_fd(socket, Int32(scheme), uri, &session) == LDAP_SUCCESS, let session else {
      fuse.remove()
      close(socket)
      throw .unavailable("\(uri): libldap refuses this address (directory.uris)")
    }
    let handle = LDAPHandle(owning: session)
    _ = cldap_set_int(session, LDAP_OPT_PROTOCOL_VERSION, 3)
    _ = cldap_switch_off(session, LDAP_OPT_REFERRALS)  // credentials never follow a referral
    let identity: String
    do throws(DirectoryError) {
      try secure(session)
      identity = try bind(session)
    } catch {
      fuse.remove()
      throw error
    }
    fuse.remove()
    return OpenSession(handle: handle, socket: socket, identity: identity)
  }

  /// A priority string of GnuTLS.
  private static let priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

  private func secure(_ session: OpaquePointer) throws(DirectoryError) {
    guard uri.hasPrefix("ldaps:") || startTLS else { return }
    // Each may fail, and the host's own authorities, or none, would stand in silently.
    guard caFile.map({ cldap_set_string(session, LDAP_OPT_X_TLS_CACERTFILE, $0) == LDAP_SUCCESS }) ?? true,
      cldap_set_int(session, LDAP_OPT_X_TLS_REQUIRE_CERT, Int32(LDAP_OPT_X_TLS_DEMAND)) == LDAP_SUCCESS,
      cldap_set_int(session, LDAP_OPT_X_TLS_PROTOCOL_MIN, Int32(CLDAP_TLS_1_2)) == LDAP_SUCCESS,
      // GnuTLS ignores the minimum above (ldap.conf(5)); for OpenSSL these words would mean nothing.
      cldap_has_gnutls() == 0
        || cldap_set_string(session, LDAP_OPT_X_TLS_CIPHER_SUITE, Self.priorities) == LDAP_SUCCESS,
      cldap_set_int(session, LDAP_OPT_X_TLS_NEWCTX, 0) == LDAP_SUCCESS
    else { throw .unsuitable("\(uri): TLS cannot be set up: are there certificates in directory.ca-file?") }
    let code = startTLS ? ldap_start_tls_s(session, nil, nil) : ldap_install_tls(session)
    guard code == LDAP_SUCCESS else {
      throw .unavailable("\(uri): no TLS: \(String(cString: ldap_err2string(code))) (directory.ca-file)")
    }
  }

  /// Answers who the server says the daemon is (RFC 4532).
  private func bind(_ session: OpaquePointer) throws(DirectoryError) -> String {
    let code: Int32
    switch identity {
    case .external:
      // Empty credentials, not none: without any, the server asks for them in a second step.
      var empty: CChar = 0
      code = withUnsafeMutablePointer(to: &empty) {
        var credentials = berval(bv_len: 0, bv_val: $0)
        return ldap_sasl_bind_s(session, nil, "EXTERNAL", &credentials, nil, nil, nil)
      }
    case .simple(let dn, let password):
      code = password.withBytes { bytes in
        var value = berval(
          bv_len: UInt(bytes.count),
          bv_val: UnsafeMutablePointer(mutating: bytes.bindMemory(to: CChar.self).baseAddress))
        return ldap_sasl_bind_s(session, dn, nil, &value, nil, nil, nil)
      }
    }
    guard code == LDAP_SUCCESS else {
      throw .unavailable("\(uri): bind: \(String(cString: ldap_err2string(code))) (directory.bind)")
    }
    // A server may answer success and bind nobody: then every later refusal would read as a wrong credential.
    var name: UnsafeMutablePointer<berval>?
    let asked = ldap_whoami_s(session, &name, nil, nil)
    defer { ber_bvfree(name) }
    guard asked == LDAP_SUCCESS, let name, name.pointee.bv_len > 0 else {
      throw .unavailable("\(uri): the server takes the daemon for anonymous (directory.bind)")
    }
    let bytes = UnsafeRawBufferPointer(start: name.pointee.bv_val, count: Int(name.pointee.bv_len))
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: The socket

  private func connect() throws(DirectoryError) -> Int32 {
    if uri.hasPrefix("ldapi:") { return try connectUnix() }
    return try connectTCP()
  }

  private func connectUnix() throws(DirectoryError) -> Int32 {
    var rest = Substring(uri.dropFirst("ldapi://".count))
    while rest.hasSuffix("/") { rest = rest.dropLast() }
    let path = rest.isEmpty ? Array("/run/slapd/ldapi".utf8) : Self.percentDecoded(rest)
    var address = sockaddr_un()
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw .unsuitable("\(uri): the path of a Unix socket holds 107 bytes (directory.uris)")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .unavailable("\(uri): \(Self.errorText())") }
    setTimeouts(descriptor)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else {
      defer { close(descriptor) }
      throw .unavailable("\(uri): \(Self.errorText())")
    }
    return descriptor
  }

  private func connectTCP() throws(DirectoryError) -> Int32 {
    var parts: UnsafeMutablePointer<LDAPURLDesc>?
    guard ldap_url_parse(uri, &parts) == 0, let parts else {
      throw .unsuitable("\(uri): no LDAP address (directory.uris)")
    }
    defer { ldap_free_urldesc(parts) }
    let host = parts.pointee.lud_host.map { String(cString: $0) } ?? "localhost"
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(parts.pointee.lud_port), &hints, &found) == 0 else {
      throw .unavailable("\(uri): the host has no address")
    }
    defer { freeaddrinfo(found) }
    var why = "no address"
    var candidate = found
    while let address = candidate?.pointee {
      candidate = address.ai_next
      let descriptor = socket(
        address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), address.ai_protocol)
      guard descriptor >= 0 else { continue }
      setTimeouts(descriptor)  // SO_SNDTIMEO bounds connect(2), too (socket(7))
      if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
      }
      why = Self.errorText()
      close(descriptor)
    }
    throw .unavailable("\(uri): \(why)")
  }

  /// A server that does not read must not hold the connection's queue.
  private func setTimeouts(_ descriptor: Int32) {
    var limit = timeval(tv_sec: Int(connectSeconds), tv_usec: Int(connectSeconds * 1e6) % 1_000_000)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  private static func errorText() -> String { String(cString: strerror(errno)) }

  private static func percentDecoded(_ text: Substring) -> [UInt8] {
    var result: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) {
        result.append(value)
        bytes = bytes.dropFirst(2)
      } else {
        result.append(byte)
      }
    }
    return result
  }
}

/// A session that is bound, and the socket under it.
struct OpenSession: ~Copyable {
  let handle: LDAPHandle
  let socket: Int32
  let identity: String
}

/// Shuts a socket down at a deadline, unless it is removed before: removed first, then closed, so that the descriptor
/// of somebody else is never hit.
private final class Fuse: Sendable {
  private let isArmed = Mutex(true)

  init(socket: Int32, seconds: Double) {
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in
      isArmed.withLock { if $0 { _ = shutdown(socket, Int32(SHUT_RDWR)) } }
    }
  }

  func remove() { isArmed.withLock { $0 = false } }
}
