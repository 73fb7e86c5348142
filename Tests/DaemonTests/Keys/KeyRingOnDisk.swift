import Fixtures
import Foundation
import Secrets

extension Daemon {
  var ring: KeyRing { get throws { try KeyRing.load(path: keys) } }

  func keysCommand(_ arguments: String..., within seconds: TimeInterval = 120) throws -> Command.Result {
    let needsSocket = !["add", "activate"].contains(arguments[0])
    return try Command.run(
      Daemon.binary("drawbridge"),
      ["keys"] + arguments + ["--ring", keys] + (needsSocket ? ["--socket", admin] : []),
      within: seconds)
  }

  /// A new key in the ring, active for whoever reads it from now on.
  ///
  /// - Returns: the ids of the one before and of the new one.
  func addActiveKey() throws -> (old: UInt32, new: UInt32) {
    let old = try ring
    let added = try keysCommand("add")
    guard added.status == 0, let new = try ring.keyIDs.first(where: { !old.keyIDs.contains($0) }) else {
      throw FixtureError("keys add: \(added.errors)")
    }
    let activated = try keysCommand("activate", String(new))
    guard activated.status == 0 else { throw FixtureError("keys activate: \(activated.errors)") }
    return (old.activeKeyID, new)
  }

  func restart() throws {
    try terminate()
    try start()
  }
}

extension Slapd {
  /// Of every sealed secret and recovery code, its key and how many are under it.
  func keysInUse() throws -> [UInt32: Int] {
    var counts: [UInt32: Int] = [:]
    for entry in try search("(objectClass=drawbridgeAccount)") {
      for value in entry["drawbridgetotpsecret"] ?? [] { counts[KeyRing.keyID(of: Array(value)) ?? 0, default: 0] += 1 }
      for value in entry["drawbridgerecoverycode"] ?? [] {
        counts[KeyRing.keyID(ofAuthenticator: Array(value)) ?? 0, default: 0] += 1
      }
    }
    return counts
  }
}
