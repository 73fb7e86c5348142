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
    let isListed = uid == 0 || uid == geteuid() || trustedUIDs.contains(uid)
    admits = listener.group != nil || isListed
    // Whoever a door lets in asks for the users of a server.
    isTrusted = isListed || role.isDoor && admits
  }

  /// Where a group was given to the socket, the kernel let in nobody else; otherwise the user decides here.
  private let admits: Bool

  var isAdministrator: Bool { role == .admin && admits }

  var isAdmittedAtDoor: Bool { role.isDoor && admits }

  /// Sessions of organisations' administrators are named here alone.
  var isAtSignInSocket: Bool { role == .signin }

  var description: String { "uid=\(uid),pid=\(processID)" }
}
