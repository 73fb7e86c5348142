internal import Secrets
internal import SignIn

extension Account {
  /// Reads an entry. Nil where it has no entryUUID, to which everything would be bound.
  init?(_ entry: Entry, knowsPasswordPolicy: Bool) {
    guard let id = entry.string(.entryUUID) else { return nil }
    self.init(id: EntryUUID(id), dn: entry.dn)
    uid = entry.string(.uid)
    mail = entry.string(.mail)
    readHash(entry)
    history = entry.values(.passwordHistory).map { PasswordHash(stored: $0) }
    sealedSecret = entry.value(.totpSecret)
    lastStep = entry.string(.totpLastStep).flatMap { Int64($0) }
    lastSignIn = entry.value(.lastSignIn).flatMap { Timestamp(generalizedTime: $0) }
    previousSignIn = entry.value(.previousSignIn).flatMap { Timestamp(generalizedTime: $0) }
    idleSince = entry.value(.idleSince).map { StoredTime(stored: $0) }
    created = entry.value(.createTimestamp).flatMap { Timestamp(generalizedTime: $0) }
    lastBind = [.passwordLastSuccess, .authTimestamp]
      .compactMap { entry.value($0).flatMap { Timestamp(generalizedTime: $0) } }.max()
    invited = entry.value(.invitedTime).flatMap { Timestamp(generalizedTime: $0) }
    if let marker = entry.value(.deactivatedTime) {
      let reason = entry.string(.deactivatedReason).flatMap { Deactivation.Reason(rawValue: $0) }
      deactivation = Deactivation(since: Timestamp(generalizedTime: marker), reason: reason ?? .administrator)
    }
    if knowsPasswordPolicy { readLock(entry) }
    isExempt = entry.string(.exempt) == "TRUE"
    mailedCode = entry.value(.code).map { LiveCode(stored: $0) }
    for factor in Factor.allCases {
      if let stored = entry.value(.tries(factor)) { tries[factor] = Tries(stored: stored) }
    }
  }

  /// Exactly one value is a hash. Several are none that could be trusted: they stand as one that no password matches,
  /// so that the account is neither open nor taken for an invited one.
  private mutating func readHash(_ entry: Entry) {
    let values = entry.values(.userPassword)
    if values.count > 1 {
      hash = PasswordHash(stored: [])
    } else if let value = values.first, PasswordHash(stored: value).isPassThrough {
      hash = entry.value(.password).map { PasswordHash(stored: $0) }
      hashIsBehindPassThrough = true
    } else if let value = values.first {
      hash = PasswordHash(stored: value)
    }
  }

  private mutating func readLock(_ entry: Entry) {
    switch (entry.value(.accountLockedTime) != nil, entry.string(.lockSet) == "TRUE") {
    case (true, true): lock = .ours
    case (true, false): lock = .foreign
    case (false, true): lock = .lifted
    case (false, false): lock = .none
    }
    mustChangePassword = entry.string(.passwordReset) == "TRUE"
  }
}
