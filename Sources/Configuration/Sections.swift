/// `[directory]`: the LDAP server, and where accounts are in it.
public struct DirectorySettings: Sendable, Equatable {
  public enum Bind: String, Sendable, CaseIterable {
    /// SASL EXTERNAL over `ldapi:///`: the server knows the daemon by its Unix user.
    case external
    case simple
  }

  /// In the order of preference.
  public var uris: [String] = []
  public var base = ""
  /// Where entries are made; the base unless set.
  public var people = ""
  public var rdn = ""
  /// The first is the primary one.
  public var loginAttributes: [String] = []
  public var sharedEntry = ""
  public var bind = Bind.external
  public var bindDN: String?
  public var bindPasswordFile: PasswordFile?
  public var startTLS = false
  public var caFile: String?
  public var connectTimeout = TimeSpan.zero
  public var operationTimeout = TimeSpan.zero
  public var totalTimeout = TimeSpan.zero
  public var returnAfter = TimeSpan.zero
  public var operationsMax = 0
}

/// One `[[listen]]`: a Unix socket, or an address that TLS is spoken at.
public struct Listener: Sendable, Equatable {
  public enum Role: String, Sendable, CaseIterable {
    case signin
    case admin
    /// The protocol of Cyrus SASL's saslauthd.
    case saslauthd
    /// Dovecot's authentication protocol.
    case dovecot
    /// `GET /metrics`.
    case metrics

    /// For servers that ask for others, in protocols that are not Drawbridge's.
    public var isDoor: Bool { self == .saslauthd || self == .dovecot }

    var modeByDefault: UInt32 {
      switch self {
      case .signin: 0o666
      case .admin: 0o600
      case .saslauthd, .dovecot, .metrics: 0o660
      }
    }
  }

  public var path = ""
  public var role = Role.signin
  /// Permission bits; unless set, 0666 for `signin`, 0600 for `admin`, and 0660 for doors and metrics.
  public var mode: UInt32 = 0
  public var group: String?
  /// Checks at a time, of a door.
  public var concurrent = 8
  /// Nil for a Unix socket.
  public var tls: TLSSettings? { address.map { _ in remote } }
  var remote = TLSSettings()
  /// In place of a path.
  public var address: ListenAddress?

  init() {}

  public init(path: String, role: Role, mode: UInt32, group: String? = nil) {
    self.path = path
    self.role = role
    self.mode = mode
    self.group = group
  }
}

/// `[keys]`
public struct KeySettings: Sendable, Equatable {
  public var ring = ""
}

/// `[mail]`
public struct MailSettings: Sendable, Equatable {
  public enum StartTLS: String, Sendable, CaseIterable {
    case required
    case opportunistic
    case never
  }

  /// Nil where mail is off.
  public var server: MailServer?
  /// There wherever mail is not off.
  public var from: String?
  public var fromName: String?
  /// Unless set, never for this host and required for every other.
  public var startTLS = StartTLS.required
  public var user: String?
  public var passwordFile: PasswordFile?
  public var caFile: String?
  public var timeout = TimeSpan.zero
  public var queueMax = 0
  /// The folder of templates that replace the built-in ones.
  public var templates: String?
  public var product = ""
  public var support: String?
}

/// `[password]`
public struct PasswordSettings: Sendable, Equatable {
  public enum Profile: String, Sendable, CaseIterable {
    /// 8–16 characters of the printable ASCII set, three of four classes.
    case guide
    /// NIST SP 800-63B: length and a list of what is common, no classes.
    case nist
  }

  public var profile = Profile.guide
  public var history = 0
  public var blockedList: String?
  public var memoryKiB = 0
  public var passes = 0
  public var lanes = 0
  public var upgrade = false
}

/// `[totp]`; six digits, 30 seconds and SHA-1 are fixed, as authenticator apps ignore any other wish.
public struct TOTPSettings: Sendable, Equatable {
  /// Unless set, the product.
  public var issuer = ""
  /// In steps of 30 seconds.
  public var windowBack = 0
  public var windowForward = 0
}

/// `[code]`: mailed codes.
public struct CodeSettings: Sendable, Equatable {
  public var lifetime = TimeSpan.zero
  public var cooldown = TimeSpan.zero
  public var perHour = 0
  public var perDay = 0
}

/// `[recovery]`
public struct RecoverySettings: Sendable, Equatable {
  /// How many codes go with an authenticator; 0 for none.
  public var codes = 0
}

/// `[inactivity]`
public struct InactivitySettings: Sendable, Equatable {
  public var limit = TimeSpan.zero
  /// Nil for never, and where there are ``sweepAt``.
  public var sweepEvery: TimeSpan?
  /// In ascending order.
  public var sweepAt: [TimeOfDay] = []
  public var jitter = TimeSpan.zero
  /// Before the limit; each shorter than that.
  public var warnBefore: [TimeSpan] = []
  /// A `groupOfNames`.
  public var exemptGroup: String?
  /// 0 for no limit.
  public var changesPerSecond = 0
  /// The folder; nil for no records.
  public var records: String?
  public var invitationLifetime = TimeSpan.zero
}

/// `[forgot]`
public struct ForgotSettings: Sendable, Equatable {
  /// A mailed code is asked for before the TOTP code.
  public var mailCode = false
}

/// `[limits]`
public struct LimitSettings: Sendable, Equatable {
  public var connectionsMax = 0
  /// Nil for no limit but `connectionsMax`.
  public var connectionsPerUIDMax: Int?
  public var hashQueueMax = 0
  /// 0 for as many as there are processor cores.
  public var hashThreads = 0
  public var idleTimeout = TimeSpan.zero
  public var refusalFloor = TimeSpan.zero
  public var shadowMax = 0
  /// Of connections over TLS whose user is not known yet.
  public var startups = Startups(start: 0, percent: 0, full: 0)
  /// Over TLS: of one address.
  public var connectionsPerSourceMax = 0
  /// Peers beside root whose `from=` is believed.
  public var trustedUIDs: [UInt32] = []
}

/// `[session]`
public struct SessionSettings: Sendable, Equatable {
  public var lifetime = TimeSpan.zero
  /// Nil for as long as ``lifetime``.
  public var idle: TimeSpan?
}

/// `[jwt]`: signed tokens for applications that cannot ask the daemon.
public struct JWTSettings: Sendable, Equatable {
  /// Nil where none are signed.
  public var issuer: String?
  /// Files; the first key signs.
  public var keys: [String] = []
  public var lifetime = TimeSpan.zero
}

/// `[organisations]`: what is common to all of them.
public struct OrganisationsSettings: Sendable, Equatable {
  public enum Digest: String, Sendable, CaseIterable {
    case on, off
  }

  /// The attribute that an organisation's `value` is one of.
  public var attribute = ""
  public var digest = Digest.on
}

/// One `[[organisation]]`.
public struct OrganisationTable: Sendable, Equatable {
  public static let countMax = 10_000

  public var name = ""
  /// Its accounts are those in this subtree, or those with this value: one of the two is there.
  public var subtree: String?
  public var value: String?
  public var administrators: String?
  public var contact: String?
  public var inactivityLimit: TimeSpan?
  public var passwordProfile: PasswordSettings.Profile?

  init() {}
}

/// One `[[service]]`: what holds for sign-ins with its name as `service=`. One without a table is as one with defaults.
public struct ServiceTable: Sendable, Equatable {
  public enum Audience: String, Sendable, CaseIterable {
    /// What a session was opened for is not asked.
    case any
    /// Its sessions are for itself alone.
    case own
  }

  public static let countMax = 1_000

  public var name = ""
  /// A `groupOfNames`; nil for everybody.
  public var group: String?
  public var sessions = Audience.any
  public var grace = TimeSpan.zero
  /// Whether its sign-ins bring a signed token.
  public var jwt = false

  init() {}
}

/// `[texts]`
public struct TextSettings: Sendable, Equatable {
  public var language = ""
  public var folder: String?
  public var deactivated: String?
  public var deactivatedByAdministrator: String?
  public var contact: String?
}

/// `[log]`
public struct LogSettings: Sendable, Equatable {
  public enum Level: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }

  public var level = Level.info
}
