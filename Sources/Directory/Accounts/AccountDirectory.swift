public import Logging
public import Secrets
public import SignIn

/// The accounts of a directory: found by login, read again, and changed by one conditional MODIFY at a time.
public struct AccountDirectory: Sendable {
  public struct Settings: Sendable {
    /// Where users are searched, and where `INVITE` creates them.
    public var base: String
    public var people: String
    public var rdnAttribute: Attribute
    public var loginAttributes: [Attribute]
    public var operationsMax: Int
    /// For all that one request does. Half of it is left to a lost answer: to reconnect, and to read back.
    public var totalSeconds: Double
    /// How long a preferred server must have been fit before it is returned to.
    public var returnSeconds: Double
    /// The entry that the daemons share.
    public var sharedEntry: String
    /// The attribute that tells organisations apart; nil where none is told by one.
    public var organisationAttribute: Attribute?

    public init(
      base: String, people: String, rdnAttribute: Attribute = "uid", loginAttributes: [Attribute] = ["mail"],
      operationsMax: Int = 64, totalSeconds: Double = 10, returnSeconds: Double = 30, sharedEntry: String,
      organisationAttribute: Attribute? = nil
    ) {
      self.base = base
      self.people = people
      self.rdnAttribute = rdnAttribute
      self.loginAttributes = loginAttributes
      self.operationsMax = operationsMax
      self.totalSeconds = totalSeconds
      self.returnSeconds = returnSeconds
      self.sharedEntry = sharedEntry
      self.organisationAttribute = organisationAttribute
    }
  }

  public enum Outcome: Equatable, Sendable {
    case applied
    /// The condition did not hold; the account as it is now, nil where it is gone.
    case refused(Account?)
  }

  let settings: Settings
  let servers: Servers
  private let lease: Lease
  let logger: Logger
  let keys: KeyRing
  let random: RandomBytes
  let now: @Sendable () -> Timestamp
  /// Told of each reactivation by an LDAP tool that was finished here, and nowhere else.
  let whenReactivated: @Sendable (Account) -> Void

  public init(
    _ servers: [Server], settings: Settings, keys: KeyRing, random: @escaping RandomBytes,
    now: @escaping @Sendable () -> Timestamp, logger: Logger, observer: (any DirectoryObserver)? = nil,
    whenReactivated: @escaping @Sendable (Account) -> Void = { _ in }
  ) {
    self.settings = settings
    self.keys = keys
    self.random = random
    self.now = now
    self.logger = logger
    self.whenReactivated = whenReactivated
    // One server more is begun with only where it can still be used in time.
    let last = servers.map { $0.patience + $0.operationSeconds }.max() ?? 0
    self.servers = Servers(
      servers, base: settings.base, operationsMax: settings.operationsMax,
      limits: .init(openSeconds: max(0.1, settings.totalSeconds - last), returnSeconds: settings.returnSeconds),
      logger: logger, observer: observer, now: now
    ) { connection throws(DirectoryError) in
      let probe = ServerProbe(connection)
      let traits = try await probe.check(base: settings.base)
      for doubt in try await probe.doubts(sharedEntry: settings.sharedEntry) {
        logger.warning("directory", metadata: ["uri": "\(connection.uri)", "doubt": "\(doubt)"])
      }
      return traits
    }
    lease = Lease(self.servers)
  }

  /// Held by whoever may still use the connections; with the last of them they are closed.
  private final class Lease: Sendable {
    private let servers: Servers
    init(_ servers: Servers) { self.servers = servers }

    deinit {
      let servers = servers
      Task { await servers.close() }
    }
  }

  /// Throws unless a server is reachable and fit: an opening verb has no other way to know that nothing can be decided.
  public func ping() async throws(DirectoryError) {
    try await bounded { () throws(DirectoryError) in _ = try await servers.connection() }
  }

  /// How the servers do.
  public var health: DirectoryHealth { get async { await servers.health } }

  /// A read within the time for one request.
  private func bounded<Value: Sendable>(
    _ body: @escaping @Sendable () async throws(DirectoryError) -> Value
  ) async throws(DirectoryError) -> Value {
    try await within(
      settings.totalSeconds,
      else: .unavailable("no answer within \(settings.totalSeconds) s (directory.total-timeout)"),
      body)
  }

  public func close() async { await servers.close() }

  // MARK: Reading

  /// The account of a login, as the directory compares it. No match and two matches are both nil; two are logged.
  public func account(login: [UInt8]) async throws(DirectoryError) -> Account? {
    try await bounded { () throws(DirectoryError) in try await find(login) }
  }

  private func find(_ login: [UInt8]) async throws(DirectoryError) -> Account? {
    guard Self.isLogin(login) else { return nil }
    let isAddress = login.contains(UInt8(ascii: "@"))
    let attributes = settings.loginAttributes.filter { isAddress || $0 != .mail }
    guard !attributes.isEmpty else { return nil }
    let filter = Filter.all([.isAccount, .any(attributes.map { .equal($0, login) })])
    let entries = try await search(base: settings.base, filter: filter, sizeLimit: 2, alsoReading: attributes)
    guard entries.count < 2 else {
      logger.error("two entries answer to one login", metadata: ["dn": "\(entries.map(\.dn))"])
      return nil
    }
    // What was typed must be a stored value but for ASCII case; only the first address of an entry is one.
    guard let entry = entries.first else { return nil }
    guard attributes.contains(where: { Self.holds(entry, $0, login) }) else {
      if entry.values(.mail).dropFirst().contains(where: { Self.folded($0) == Self.folded(login) }) {
        logger.error("a second address is no login", metadata: ["dn": "\(entry.dn)"])
      }
      return nil
    }
    return try await settled(entry)
  }

  /// The same account as it is now, wherever it was moved to.
  public func account(again account: Account) async throws(DirectoryError) -> Account? {
    let isSame = Filter.all([.isAccount, .equal(.entryUUID, account.id.description)])
    var entries = try await search(base: account.dn, scope: .base, filter: isSame, sizeLimit: 1)
    if entries.isEmpty { entries = try await search(base: settings.base, filter: isSame, sizeLimit: 1) }
    guard let entry = entries.first else { return nil }
    return try await settled(entry)
  }

  /// 1 to 254 printable ASCII characters, at most one of them an `@`. slapd matches more loosely than it seems: blanks,
  /// NUL and full-width letters never reach it.
  static func isLogin(_ login: [UInt8]) -> Bool {
    (1...254).contains(login.count) && login.allSatisfy { (0x21...0x7E).contains($0) }
      && login.count { $0 == UInt8(ascii: "@") } <= 1
  }

  /// The account of an entry.
  public func account(id: EntryUUID) async throws(DirectoryError) -> Account? {
    let isSame = Filter.all([.isAccount, .equal(.entryUUID, id.description)])
    guard let entry = try await search(base: settings.base, filter: isSame, sizeLimit: 1).first else { return nil }
    return try await settled(entry)
  }

  private static func holds(_ entry: Entry, _ attribute: Attribute, _ login: [UInt8]) -> Bool {
    let values = attribute == .mail ? Array(entry.values(.mail).prefix(1)) : entry.values(attribute)
    return values.contains { folded($0) == folded(login) }
  }

  private static func folded(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }

  /// Finishes what an LDAP tool began, before anything is decided about the account.
  private func settled(_ entry: Entry) async throws(DirectoryError) -> Account? {
    guard let account = asAccount(entry, try await servers.connection().traits) else { return nil }
    if account.hasUnfinishedReactivation { return try await finishReactivation(of: account).now }
    return account.lock == .displaced ? try await lockAgain(account) : account
  }

  /// A change of password took the lock of a deactivated account away: it is set again, in the next second at the
  /// earliest.
  public func lockAgain(_ account: Account) async throws(DirectoryError) -> Account? {
    switch try await apply(.lockAgain(account, at: now())) {
    case .refused(let fresh): return fresh
    case .applied: return try await self.account(again: account)
    }
  }

  func asAccount(_ entry: Entry, _ traits: ServerTraits) -> Account? {
    Account(entry, traits, organisation: settings.organisationAttribute)
  }

  public var organisationAttribute: Attribute? { settings.organisationAttribute }

  /// Whose account it is, is always read.
  func reading(_ attributes: [Attribute]) -> [Attribute] {
    attributes + [settings.organisationAttribute].compactMap { $0 }
  }

  /// Completes what one gesture of an LDAP tool began: the account is active, its clock starts today.
  ///
  /// - Returns: the account as it is now, nil where it is gone, and whether it was here that it was finished.
  public func finishReactivation(
    of account: Account
  ) async throws(DirectoryError) -> (now: Account?, isOurs: Bool) {
    let checked = try await servers.connection()
    // Whether ppolicy is loaded decides what a missing lock means; what was known at connect may be old by now.
    if account.lock != .none, try await !ServerProbe(checked.connection).traits().knowsPasswordPolicy {
      await checked.connection.close()
      throw .unavailable("\(checked.connection.uri): ppolicy was unloaded")
    }
    switch try await apply(.finishReactivation(account, at: now())) {
    case .refused(let fresh): return (fresh, false)
    case .applied:
      logger.notice("reactivation by an LDAP tool finished", metadata: ["dn": "\(account.dn)", "id": "\(account.id)"])
      whenReactivated(account)
      let entries = try await search(base: account.dn, scope: .base, filter: .isAccount, sizeLimit: 1)
      return (entries.first.flatMap { asAccount($0, checked.traits) }, true)
    }
  }

  /// A read is repeated once on a new connection: an idle one may have been closed by the server, or it cannot serve now.
  func search(
    base: String, scope: Scope = .subtree, filter: Filter, sizeLimit: Int, alsoReading attributes: [Attribute] = []
  ) async throws(DirectoryError) -> [Entry] {
    let search = Search(
      base: base, scope: scope, filter: filter, attributes: reading(Attribute.ofAccount + attributes),
      sizeLimit: sizeLimit)
    let checked = try await servers.connection()
    do throws(DirectoryError) {
      return try await checked.connection.search(search).entries
    } catch {
      switch error {
      case .lost: break
      case .unavailable, .refused: guard await servers.leaves(checked, error) else { throw error }
      case .busy, .unsuitable, .fenced: throw error
      }
    }
    return try await servers.connection().connection.search(search).entries
  }
}
