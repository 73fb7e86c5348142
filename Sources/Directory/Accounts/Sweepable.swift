public import SignIn

extension AccountDirectory {
  /// So many accounts are read at once: a sweep goes on in rounds, so that its memory does not grow with the directory.
  public static let roundMax = 500

  /// Accounts whose clock stands at the cutoff or earlier, at most a round of them. However many were deactivated in
  /// the past, they have no clock and are not read.
  public func idleAccounts(cutoff: Timestamp) async throws(DirectoryError) -> [Account] {
    try await round(.all([.atMost(.idleSince, Array(cutoff.generalizedTime.utf8)), .not(.equal(.exempt, "TRUE"))]))
  }

  /// Accounts that are in use and have no clock: imported, or reactivated by an LDAP tool.
  public func accountsWithoutClock() async throws(DirectoryError) -> [Account] {
    try await round(
      .all([
        .absent(.idleSince), .absent(.deactivatedTime),
        .any([.present(.userPassword), .present(.password), .present(.totpSecret)]),
      ]))
  }

  /// Accounts that an LDAP tool has reactivated by one gesture.
  public func unfinishedReactivations() async throws(DirectoryError) -> [Account] {
    guard try await servers.connection().traits.knowsPasswordPolicy else { return [] }
    return try await round(
      .all([.equal(.lockSet, "TRUE"), .any([.absent(.deactivatedTime), .absent(.accountLockedTime)])])
    ).filter(\.hasUnfinishedReactivation)
  }

  private func round(_ filter: Filter) async throws(DirectoryError) -> [Account] {
    let knowsPasswordPolicy = try await servers.connection().traits.knowsPasswordPolicy
    return try await search(base: settings.base, filter: .all([.isAccount, filter]), sizeLimit: Self.roundMax)
      .entries.compactMap { Account($0, knowsPasswordPolicy: knowsPasswordPolicy) }
  }
}
