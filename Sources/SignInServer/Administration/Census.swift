internal import Directory
internal import Secrets
internal import SignIn
internal import Wire

/// What the accounts of a directory hold, counted.
struct Census: Sendable, Equatable {
  var accounts = 0
  var keys = KeyUse()
  /// Hashes by scheme; `""` is clear text.
  var schemes: [String: Int] = [:]
  /// Hashes that Drawbridge itself cannot verify, by scheme.
  var foreign: [String: Int] = [:]
  /// Argon2 hashes below the configured costs.
  var weak = 0
  /// Accounts whose `userPassword` passes through to SASL.
  var passingThrough = 0
  var deactivated = 0
  /// Deactivated, and without ppolicy's lock.
  var unlocked = 0
  /// Active accounts to try access rules on, two at the most, and a deactivated one.
  var samples: [String] = []
  var deactivatedSample: String?

  /// Reads every account, page by page.
  static func take(
    of accounts: AccountDirectory, wanted: Argon2Parameters, at now: Timestamp
  ) async throws(DirectoryError) -> Census {
    var census = Census()
    try await accounts.forEach(.all) { account throws(DirectoryError) in
      census.count(account, wanted: wanted, at: now)
      return true
    }
    return census
  }

  mutating func count(_ account: Account, wanted: Argon2Parameters, at now: Timestamp) {
    accounts += 1
    keys.count(account, at: now)
    if let hash = account.hash {
      let scheme = hash.scheme ?? ""
      // What stands in drawbridgePassword is no business of slapd's.
      if !account.hashIsBehindPassThrough { schemes[scheme, default: 0] += 1 }
      if !hash.isOfKnownScheme { foreign[scheme, default: 0] += 1 }
      if scheme == "ARGON2", hash.isWeaker(than: wanted) { weak += 1 }
    }
    if account.hashIsBehindPassThrough { passingThrough += 1 }
    if account.deactivation != nil {
      deactivated += 1
      if account.lock == .none { unlocked += 1 }
      if deactivatedSample == nil { deactivatedSample = account.dn }
    } else if samples.count < 2 {
      samples.append(account.dn)
    }
  }

  /// For checks that only an administrator of slapd can make.
  var facts: [Field] {
    let counted = schemes.sorted { $0.key < $1.key }.map { "\($0.key.isEmpty ? "CLEARTEXT" : $0.key):\($0.value)" }
    return [
      samples.first.map { Field("account", $0) }, samples.dropFirst().first.map { Field("other", $0) },
      deactivatedSample.map { Field("deactivated", $0) }, Field("schemes", counted.joined(separator: ",")),
      Field("passing-through", passingThrough),
    ].compactMap { $0 }
  }
}
