internal import Configuration
internal import Glibc

/// Who is at the other end of a connection, by what no client can say of itself.
struct Peer: Sendable, CustomStringConvertible {
  enum Origin: Sendable {
    /// As the kernel tells (SO_PEERCRED, unix(7)): the user counts, a process id may be somebody else's by now.
    case local(uid: UInt32, processID: Int32)
    /// Over TLS: its address, and the name in its certificate where it has shown a good one.
    case remote(address: String, port: Int, certificate: String?)
  }

  let origin: Origin
  let role: Listener.Role
  /// Its `from=` is believed; it speaks for many.
  let isTrusted: Bool

  init(uid: UInt32, processID: Int32, listener: Listener, trustedUIDs: Set<UInt32>) {
    origin = .local(uid: uid, processID: processID)
    role = listener.role
    let isListed = uid == 0 || uid == geteuid() || trustedUIDs.contains(uid)
    admits = listener.group != nil || isListed
    // Whoever a door lets in asks for the users of a server.
    isTrusted = isListed || role.isDoor && admits
  }

  init(address: String, port: Int, certificate: String?, isTrusted: Bool, role: Listener.Role) {
    origin = .remote(address: address, port: port, certificate: certificate)
    self.role = role
    self.isTrusted = isTrusted
    admits = isTrusted
  }

  /// Where a group was given to the socket, the kernel let in nobody else; otherwise the user, or the name in the
  /// certificate, decides here.
  private let admits: Bool

  var isAdministrator: Bool { role == .admin && admits }

  var isAdmittedAtDoor: Bool { role.isDoor && admits }

  /// Sessions of organisations' administrators are named at sign-in sockets alone; over TLS, beside a certificate.
  var mayNameSession: Bool {
    switch origin {
    case .local: role == .signin
    case .remote(_, _, let certificate): role == .signin && certificate != nil
    }
  }

  /// Whom a parked flow belongs to: processes of one user are one. Nil for who cannot be told from others.
  var owner: [UInt8]? {
    switch origin {
    case .local(let uid, _): Array("uid=\(uid)".utf8)
    case .remote(_, _, let certificate): certificate.map { Array("certificate=\($0)".utf8) }
    }
  }

  /// Whether accounts may be asked about without a secret.
  var mayAskAboutAccounts: Bool {
    switch origin {
    case .local: isTrusted
    case .remote: false
    }
  }

  var description: String {
    switch origin {
    case .local(let uid, let processID): "uid=\(uid),pid=\(processID)"
    case .remote(let address, let port, let certificate):
      "address=\(address),port=\(port)" + (certificate.map { ",certificate=\($0)" } ?? "")
    }
  }
}
