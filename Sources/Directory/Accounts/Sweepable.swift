internal import Logging
public import SignIn

extension AccountDirectory {
  /// So many accounts are read at once: a sweep goes on in rounds, so that its memory does not grow with the directory.
  public static let roundMax = 500

  public struct Round: Sendable {
    public let accounts: [Account]
    /// Nothing was left out, by our own limit or the server's.
    public let isComplete: Bool
  }

  /// Accounts whose clock stands at the cutoff or earlier. However many were deactivated in the past, they have no
  /// clock and are not read.
  public func idleAccounts(cutoff: Timestamp, limit: Int) async throws(DirectoryError) -> Round {
    let isIdle = Filter.atMost(.idleSince, Array(cutoff.generalizedTime.utf8))
    return try await round(.all([isIdle, .not(.equal(.exempt, "TRUE"))]), limit: limit)
  }

  /// Accounts that are in use and have no clock: imported, or reactivated by an LDAP tool.
  public func accountsWithoutClock(limit: Int) async throws(DirectoryError) -> Round {
    try await round(
      .all([
        .absent(.idleSince), .absent(.deactivatedTime),
        .any([.present(.userPassword), .present(.password), .present(.totpSecret)]),
      ]), limit: limit)
  }

  /// Accounts that an LDAP tool has reactivated by one gesture.
  public func unfinishedReactivations(limit: Int) async throws(DirectoryError) -> Round {
    guard try await servers.connection().traits.knowsPasswordPolicy else {
      return Round(accounts: [], isComplete: true)
    }
    return try await round(
      .all([.equal(.lockSet, "TRUE"), .any([.absent(.deactivatedTime), .absent(.accountLockedTime)])]), limit: limit)
  }

  private func round(_ filter: Filter, limit: Int) async throws(DirectoryError) -> Round {
    let knowsPasswordPolicy = try await servers.connection().traits.knowsPasswordPolicy
    let found = try await search(base: settings.base, filter: .all([.isAccount, filter]), sizeLimit: limit)
    return Round(
      accounts: found.entries.compactMap { Account($0, knowsPasswordPolicy: knowsPasswordPolicy) },
      isComplete: found.isComplete)
  }

  /// Tells all daemons, and administrators, when the last sweep came to its end.
  public func recordSweep(at now: Timestamp) async {
    do throws(DirectoryError) {
      let answer = try await servers.connection().connection.modify(
        dn: settings.sharedEntry, [.set("drawbridgeLastSweep", now.generalizedTime)], if: .present(.objectClass))
      if case .applied = answer { return }
      throw .unsuitable("\(settings.sharedEntry) does not exist (directory.shared-entry)")
    } catch {
      logger.warning("the sweep was not recorded", metadata: ["reason": "\(error.text)"])
    }
  }
}
