public import Secrets

/// The server-assigned name of an entry (RFC 4530): it survives a rename and dies with the entry, so everything that
/// is bound to an account (sealed secrets, mailed codes, throttles, audit) is bound to this.
public struct EntryUUID: Hashable, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ text: String) { description = text }
  public var bytes: [UInt8] { Array(description.utf8) }
}

/// A user's entry, as it was read. Nothing derivable is stored: the state is `standing`.
public struct Account: Equatable, Sendable {
  public var id: EntryUUID
  public var dn: String
  public var uid: String?
  /// The address codes and notices go to: the stored one, never what somebody typed.
  public var mail: String?
  /// In which languages the owner likes to be written to (RFC 2798, section 2.7), as stored.
  public var preferredLanguage: [UInt8]?
  /// Values of the attribute that tells organisations apart, where there is one.
  public var organisationValues: [[UInt8]] = []
  public var hash: PasswordHash?
  /// True where `userPassword` passes through to SASL, or is absent, and the hash stands in `drawbridgePassword`.
  public var hashIsBehindPassThrough = false
  public var history: [PasswordHash] = []
  public var sealedSecret: [UInt8]?
  /// Recovery codes that were not used yet, as stored; no more than are ever drawn.
  public var recoveryCodes: [[UInt8]] = []
  /// The newest time step that was ever accepted.
  public var lastStep: Int64?
  public var lastSignIn: Timestamp?
  public var previousSignIn: Timestamp?
  /// When slapd itself last saw a right password, where it keeps that: people who only bind are not idle.
  public var lastBind: Timestamp?
  /// `authTimestamp` is kept and may be read, so that a condition may name it.
  public var showsAuthTimestamp = false
  /// The inactivity clock as stored; the raw value, because it is deleted by value.
  public var idleSince: StoredTime?
  public var created: Timestamp?
  public var invited: Timestamp?
  public var deactivation: Deactivation?
  /// The reason of a deactivation still stands, and its marker is gone: an LDAP tool has deleted that.
  public var reasonRemains = false
  /// When the last warning of inactivity was taken by the mail server.
  public var warned: StoredTime?
  /// Since when a daemon is about to send one.
  public var warningClaim: StoredTime?
  public var lock = Lock.none
  /// `pwdAccountLockedTime` as stored: a time, or `000001010000Z` for good.
  public var lockedTime: StoredTime?
  /// ppolicy's `pwdChangedTime`, to the second.
  public var passwordChanged: Timestamp?
  /// ppolicy's `pwdReset`: an administrator wants a new password first.
  public var mustChangePassword = false
  public var isExempt = false
  /// Sessions that were opened before are no longer good.
  public var sessionsSince: StoredTime?
  public var endedSessions = EndedSessions()
  public var mailedCode: LiveCode?
  public var tries = TriesTable()

  public init(id: EntryUUID, dn: String) {
    self.id = id
    self.dn = dn
  }
}

/// A time together with the bytes it was read from, which may be written in many ways.
public struct StoredTime: Equatable, Sendable {
  public var stored: [UInt8]
  /// Nil where the bytes are no time.
  public var time: Timestamp?

  public init(stored: [UInt8]) {
    self.stored = stored
    time = Timestamp(generalizedTime: stored)
  }
}

public struct Deactivation: Equatable, Sendable {
  public enum Reason: String, Sendable { case inactivity, administrator }
  public var since: Timestamp?
  public var reason: Reason

  public init(since: Timestamp?, reason: Reason) {
    self.since = since
    self.reason = reason
  }
}

/// `pwdAccountLockedTime` and `drawbridgeLockSet` read together. Where slapd has no ppolicy, there is never a lock; the
/// short rests that ppolicy itself gives after wrong binds are none: the budgets here are another matter.
public enum Lock: Equatable, Sendable {
  case none
  /// Drawbridge set it when it deactivated the account.
  case ours
  /// An administrator's: never touched.
  case foreign
  /// Drawbridge had set it, and somebody took it away: a reactivation by an LDAP tool.
  case lifted
  /// Drawbridge had set it, and a change of the password took it away, as ppolicy has it, or the entry was put back
  /// from a copy without it. Nobody has reactivated anything: it is to be set again.
  case displaced
}

/// The one live mailed code of an account, as stored.
public struct LiveCode: Equatable, Sendable {
  public var stored: [UInt8]
  public init(stored: [UInt8]) { self.stored = stored }
}

extension Account {
  /// What an account is, derived from what its entry holds.
  public enum Standing: Equatable, Sendable {
    /// Neither password nor authenticator: first-time login.
    case invited
    /// A password only: imported, or its authenticator was reset.
    case lacksAuthenticator
    /// An authenticator only: its password was reset.
    case lacksPassword
    case active
    case deactivated
    /// By an administrator's own lock.
    case locked
  }

  public var standing: Standing {
    if deactivation != nil { return .deactivated }
    if lock == .foreign { return .locked }
    switch (hash != nil, sealedSecret != nil) {
    case (false, false): return .invited
    case (true, false): return .lacksAuthenticator
    case (false, true): return .lacksPassword
    case (true, true): return .active
    }
  }

  /// A lock that is not Drawbridge's: an administrator's, or one that ppolicy itself gives for a while.
  public var hasForeignLock: Bool { lockedTime != nil && lock != .ours }

  /// A reactivation that an LDAP tool began by one gesture and that is still to be finished.
  public var hasUnfinishedReactivation: Bool {
    switch lock {
    case .none: reasonRemains  // only the marker was there to be deleted
    case .foreign, .displaced: false
    case .ours: deactivation == nil  // the marker was deleted, the lock still stands
    case .lifted: true  // the lock was deleted; the marker may still stand
    }
  }

  /// Whether a code of this time step, or of a newer one, was accepted before.
  func hasUsed(_ step: Int64) -> Bool { lastStep.map { $0 >= step } ?? false }

  /// What the throttles and the codes of a flow are about: an account, or a login that leads to none.
  public var subject: Subject { Subject(account: self, tries: tries) }
}

/// Who is trying: an account with its budgets, or a stranger with shadow budgets that behave alike.
public struct Subject: Equatable, Sendable {
  public var account: Account?
  public var tries: TriesTable

  public init(account: Account?, tries: TriesTable) {
    self.account = account
    self.tries = tries
  }
}
