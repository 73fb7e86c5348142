internal import Configuration
internal import Glibc

/// Who is at the other end of a Unix socket, as the kernel tells (SO_PEERCRED, unix(7)): the user counts, a process id
/// may be somebody else's by now.
struct Peer: Sendable, CustomStringConvertible {
  let uid: UInt32
  let processID: Int32
  let role: Listener.Role
  /// Its `from=` is believed, and it may ask about accounts.
  let isTrusted: Bool

  init(uid: UInt32, processID: Int32, listener: Listener, trustedUIDs: Set<UInt32>) {
    self.uid = uid
    self.processID = processID
    role = listener.role
    isTrusted = uid == 0 || uid == geteuid() || trustedUIDs.contains(uid)
    admits = listener.group != nil || isTrusted
  }

  /// Where a group was given to the socket, the kernel let in nobody else; otherwise the user decides here.
  private let admits: Bool

  var isAdministrator: Bool { role == .admin && admits }

  /// Sessions of organisations' administrators are named here alone.
  var isAtSignInSocket: Bool { role == .signin }

  /// Whom a parked flow belongs to: processes of one user are one.
  var owner: [UInt8] { Array("uid=\(uid)".utf8) }

  var description: String { "uid=\(uid),pid=\(processID)" }
}
