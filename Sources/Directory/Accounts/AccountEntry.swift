internal import Secrets
internal import SignIn

extension Account {
  /// Reads an entry. Nil where it has no entryUUID, to which everything would be bound.
  ///
  /// - Parameter organisation: the attribute that tells organisations apart.
  init?(_ entry: Entry, _ traits: ServerTraits, organisation: Attribute? = nil) {
    guard let id = entry.string(.entryUUID) else { return nil }
    self.init(id: EntryUUID(id), dn: entry.dn)
    uid = entry.string(.uid)
    mail = entry.string(.mail)
    preferredLanguage = entry.value(.preferredLanguage)
    organisationValues = organisation.map { entry.values($0) } ?? []
    readHash(entry)
    history = entry.values(.passwordHistory).map { PasswordHash(stored: $0) }
    sealedSecret = entry.value(.totpSecret)
    recoveryCodes = Array(entry.values(.recoveryCode).prefix(RecoveryCodes.countMax))
    lastStep = entry.string(.totpLastStep).flatMap { Int64($0) }
    lastSignIn = entry.value(.lastSignIn).flatMap { Timestamp(generalizedTime: $0) }
    previousSignIn = entry.value(.previousSignIn).flatMap { Timestamp(generalizedTime: $0) }
    idleSince = entry.value(.idleSince).map { StoredTime(stored: $0) }
    created = entry.value(.createTimestamp).flatMap { Timestamp(generalizedTime: $0) }
    lastBind = [.passwordLastSuccess, .authTimestamp]
      .compactMap { entry.value($0).flatMap { Timestamp(generalizedTime: $0) } }.max()
    showsAuthTimestamp = entry.value(.authTimestamp) != nil
    // One that is no time has run out, and is never taken for none.
    invited = entry.value(.invitedTime).map { Timestamp(generalizedTime: $0) ?? Timestamp(seconds: 0) }
    if let marker = entry.value(.deactivatedTime) {
      let reason = entry.string(.deactivatedReason).flatMap { Deactivation.Reason(rawValue: $0) }
      deactivation = Deactivation(since: Timestamp(generalizedTime: marker), reason: reason ?? .administrator)
    } else {
      reasonRemains = entry.value(.deactivatedReason) != nil
    }
    warned = entry.value(.warnedTime).map { StoredTime(stored: $0) }
    warningClaim = entry.value(.warningClaimed).map { StoredTime(stored: $0) }
    if traits.knowsPasswordPolicy { readLock(entry, traits.daemon) }
    sessionsSince = entry.value(.sessionsSince).map { StoredTime(stored: $0) }
    endedSessions = EndedSessions(stored: entry.values(.sessionEnded))
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
    hashIsBehindPassThrough =
      values.count == 1
      ? PasswordHash(stored: values[0]).isPassThrough : values.isEmpty && entry.value(.password) != nil
    if values.count > 1 {
      hash = PasswordHash(stored: [])
    } else {
      hash = (hashIsBehindPassThrough ? entry.value(.password) : values.first).map { PasswordHash(stored: $0) }
    }
  }

  private mutating func readLock(_ entry: Entry, _ daemon: String?) {
    passwordChanged = entry.value(.passwordChangedTime).flatMap { Timestamp(generalizedTime: $0) }
    let isLocked = entry.value(.accountLockedTime).flatMap { Timestamp(generalizedTime: $0) } == .lockedForGood
    switch (isLocked, entry.string(.lockSet) == "TRUE") {
    case (true, true): lock = .ours
    case (true, false): lock = .foreign
    case (false, true): lock = hasChangedPassword || isCopied(entry, daemon) ? .displaced : .lifted
    case (false, false): lock = .none
    }
    lockedTime = entry.value(.accountLockedTime).map { StoredTime(stored: $0) }
    mustChangePassword = entry.string(.passwordReset) == "TRUE"
  }

  /// Whether the password of a deactivated account was set or taken away since: that deletes the lock, too.
  private var hasChangedPassword: Bool {
    guard let deactivation else { return false }
    guard let passwordChanged, let since = deactivation.since else { return hash == nil }
    return hash == nil || passwordChanged.seconds >= since.seconds
  }

  /// Whether the entry was put back from a copy without ppolicy's attributes: `ldapadd` makes one that is younger than
  /// its own deactivation; `slapadd` keeps who changed it last, and when, which is then the deactivation itself.
  private func isCopied(_ entry: Entry, _ daemon: String?) -> Bool {
    guard let since = deactivation?.since else { return false }
    if let created, created > since { return true }
    guard let daemon, let modified = entry.value(.modifyTimestamp).flatMap({ Timestamp(generalizedTime: $0) }) else {
      return false
    }
    return entry.string(.modifiersName)?.lowercased() == daemon.lowercased()
      && modified <= since.adding(seconds: Self.deactivationSeconds)
  }

  /// Between the marker's time and slapd's own of the change that brought it, on clocks that agree.
  private static let deactivationSeconds: Int64 = 5
}

extension Timestamp {
  /// What slapd, SSSD and the LDAP tools take for "locked until an administrator unlocks it".
  static let lockedForGood = Timestamp(generalizedTime: Array("000001010000Z".utf8))
}

extension Filter {
  static let isLockedForGood = Filter.equal(.accountLockedTime, "000001010000Z")
}
