public import SignIn

/// Which accounts a sweep or a list is about.
public struct Selection: Sendable {
  let filter: Filter
  /// It names attributes that only slapd's ppolicy brings: elsewhere it selects nothing.
  var needsPasswordPolicy = false
  /// Only what is at this name or below; everything, where it is nil.
  var base: String?
  /// Nothing else of the accounts is read.
  var attributes = Attribute.ofAccount

  /// Every account.
  public static let all = Selection(filter: .all([]))

  /// Accounts whose clock stands at the cutoff or earlier. However many were deactivated in the past, they have no
  /// clock and are not read.
  public static func idle(since cutoff: Timestamp) -> Selection {
    Selection(
      filter: .all([
        .atMost(.idleSince, Array(cutoff.generalizedTime.utf8)), .not(.equal(.exempt, "TRUE")),
      ]))
  }

  /// Accounts that bear the mark of a deactivation.
  public static let deactivated = Selection(filter: .present(.deactivatedTime))

  /// Accounts whose clock stands at a time or earlier, exempt ones among them.
  public static func clock(atMost time: Timestamp) -> Selection {
    Selection(filter: .atMost(.idleSince, Array(time.generalizedTime.utf8)))
  }

  /// Accounts that are in both.
  public func and(_ other: Selection) -> Selection {
    Selection(
      filter: .all([filter, other.filter]), needsPasswordPolicy: needsPasswordPolicy || other.needsPasswordPolicy,
      base: base ?? other.base)
  }

  /// These, and accounts whose clock stands in the future.
  public static func idle(since cutoff: Timestamp, orAfter now: Timestamp) -> Selection {
    let (old, future) = (Array(cutoff.generalizedTime.utf8), Array(now.generalizedTime.utf8))
    return Selection(
      filter: .all([.any([.atMost(.idleSince, old), .atLeast(.idleSince, future)]), .not(.equal(.exempt, "TRUE"))]))
  }

  /// Of these, only what is decided by whether they are idle.
  public var countedForInactivity: Selection {
    var counted = self
    counted.attributes = .ofInactivity
    return counted
  }

  /// Every account whose inactivity is counted, to be counted itself: nothing but its entryUUID is read.
  public static let counted = Selection(filter: .present(.idleSince), attributes: [.entryUUID])

  /// Accounts that hold something under the key ring, and nothing else of them.
  public static let underKeys = Selection(
    filter: .any([.present(.totpSecret), .present(.recoveryCode), .present(.code)]),
    attributes: [.entryUUID, .totpSecret, .recoveryCode, .code])

  /// Accounts that lack the time from which theirs is counted. Some others are among them.
  public static let withoutTime = Selection(
    filter: .all([.absent(.deactivatedTime), .any([withoutClock, withoutInvitation])]))

  /// In use, and without a clock: imported, or reactivated by an LDAP tool.
  private static let withoutClock = Filter.all([
    .absent(.idleSince), .any([.present(.userPassword), .present(.password), .present(.totpSecret)]),
  ])

  /// Invited by an LDAP tool, or with a clock that one has left. Who was in use behind pass-through still has a `userPassword`, and a last sign-in.
  private static let withoutInvitation = Filter.all([
    .absent(.password), .absent(.totpSecret), .any([.absent(.userPassword), .present(.lastSignIn)]),
    .any([.absent(.invitedTime), .present(.idleSince)]),
  ])

  /// Accounts that an LDAP tool has reactivated by one gesture, and those whose lock went with their password.
  public static let unfinishedReactivation = Selection(
    filter: .all([.equal(.lockSet, "TRUE"), .any([.absent(.deactivatedTime), .not(.isLockedForGood)])]),
    needsPasswordPolicy: true)
}

extension AccountDirectory {
  /// What of a selection may be an organisation's: all that is, and perhaps more.
  public func selection(_ selection: Selection, of organisation: Organisation) -> Selection {
    switch organisation.extent {
    case .subtree(let dn): return selection.and(Selection(filter: .all([]), base: dn.text))
    case .value(let value):
      guard let attribute = settings.organisationAttribute else { return selection }
      return selection.and(Selection(filter: .equal(attribute, value)))
    }
  }

  /// So many accounts are held at once, however many are selected.
  static let pageMax = 500

  /// Hands over every account of a selection, a page at a time (RFC 2696) on a connection of its own, so that neither
  /// memory nor the other operations feel how many there are. What is changed on the way disturbs nothing: slapd goes
  /// on behind the last entry that it sent.
  ///
  /// - Parameter body: answers false to stop.
  /// - Returns: how many were handed over.
  /// - Throws: `.unsuitable` where the server shows the daemon too few entries: an early end is never silent.
  @discardableResult
  public func forEach(
    _ selection: Selection, _ body: (Account) async throws(DirectoryError) -> Bool
  ) async throws(DirectoryError) -> Int {
    let checked = try await servers.reserve()
    do throws(DirectoryError) {
      let count = try await forEach(selection, on: checked, body)
      await servers.release(checked)
      return count
    } catch {
      await servers.release(checked)
      throw error
    }
  }

  private func forEach(
    _ selection: Selection, on checked: CheckedConnection, _ body: (Account) async throws(DirectoryError) -> Bool
  ) async throws(DirectoryError) -> Int {
    if selection.needsPasswordPolicy, !checked.traits.knowsPasswordPolicy { return 0 }
    var count = 0
    let filter = Filter.all([.isAccount, selection.filter])
    try await forEachEntry(filter, reading(selection.attributes), below: selection.base, on: checked) {
      entry throws(DirectoryError) in
      guard let account = asAccount(entry, checked.traits) else { return true }
      count += 1
      return try await body(account)
    }
    return count
  }

  /// Every entry that a filter fits, whether or not it is an account.
  func forEachEntry(
    _ filter: Filter, _ attributes: [Attribute], below base: String? = nil, on checked: CheckedConnection,
    _ body: (Entry) async throws(DirectoryError) -> Bool
  ) async throws(DirectoryError) {
    var page = Search(
      base: base ?? settings.base, filter: filter, attributes: attributes, sizeLimit: Self.pageMax, cookie: [])
    while page.cookie != nil {
      let found = try await checked.connection.search(page)
      for entry in found.entries {
        guard try await body(entry) else { return }
      }
      guard found.isComplete else {
        throw .unsuitable(
          "\(checked.connection.uri): the server shows the daemon too few entries: load schema/limits (size=unlimited)")
      }
      page.cookie = found.cookie
    }
  }
}
