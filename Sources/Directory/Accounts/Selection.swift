public import SignIn

/// Which accounts a sweep or a list is about.
public struct Selection: Sendable {
  let filter: Filter
  /// It names attributes that only slapd's ppolicy brings: elsewhere it selects nothing.
  var needsPasswordPolicy = false
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

  /// Accounts that are in use and have no clock: imported, or reactivated by an LDAP tool.
  public static let withoutClock = Selection(
    filter: .all([
      .absent(.idleSince), .absent(.deactivatedTime),
      .any([.present(.userPassword), .present(.password), .present(.totpSecret)]),
    ]))

  /// Accounts that an LDAP tool has reactivated by one gesture, and those whose lock went with their password.
  public static let unfinishedReactivation = Selection(
    filter: .all([.equal(.lockSet, "TRUE"), .any([.absent(.deactivatedTime), .not(.isLockedForGood)])]),
    needsPasswordPolicy: true)
}

extension AccountDirectory {
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
    var page = Search(
      base: settings.base, filter: .all([.isAccount, selection.filter]), attributes: selection.attributes,
      sizeLimit: Self.pageMax, cookie: [])
    var count = 0
    if selection.needsPasswordPolicy, !checked.traits.knowsPasswordPolicy { return 0 }
    while page.cookie != nil {
      let found = try await checked.connection.search(page)
      for entry in found.entries {
        guard let account = Account(entry, knowsPasswordPolicy: checked.traits.knowsPasswordPolicy) else { continue }
        count += 1
        guard try await body(account) else { return count }
      }
      guard found.isComplete else {
        throw .unsuitable(
          "\(checked.connection.uri): the server shows the daemon too few entries: load schema/limits (size=unlimited)")
      }
      page.cookie = found.cookie
    }
    return count
  }
}
