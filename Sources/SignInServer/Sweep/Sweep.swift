internal import Directory
internal import Logging
internal import SignIn
internal import Wire

/// "Your user account will be inactivated after a prolonged period of inactivity (365 days)." One pass over what may
/// be due; every change is conditional, so several daemons may sweep at once and a sign-in that races it wins.
struct Sweep: Sendable {
  let accounts: AccountDirectory
  let inactivity: Inactivity
  let now: @Sendable () -> Timestamp
  let logger: Logger

  enum Act: String, Sendable, CaseIterable {
    case deactivated
    case wouldDeactivate = "would-deactivate"
    case clockSet = "clock-set"
    case reactivated, skipped
  }

  struct Record: Sendable {
    let account: Account
    let act: Act
    var reason: String?
  }

  /// Hands every act to `record` as it is done; answers how many accounts were looked at.
  func run(dryRun: Bool, record: (Record) -> Void) async throws(DirectoryError) -> Int {
    let cutoff = inactivity.cutoff(at: now())
    if dryRun {
      let due = try await accounts.idleAccounts(cutoff: cutoff, limit: Self.itemsMax)
      for account in due.accounts { if let told = foretell(account) { record(told) } }
      return due.accounts.count
    }
    var examined = try await rounds { limit throws(DirectoryError) in
      try await accounts.unfinishedReactivations(limit: limit)
    } work: { account throws(DirectoryError) in
      guard account.hasUnfinishedReactivation, try await accounts.finishReactivation(of: account) != nil else { return }
      record(Record(account: account, act: .reactivated))
    }
    examined += try await rounds { limit throws(DirectoryError) in
      try await accounts.accountsWithoutClock(limit: limit)
    } work: { account throws(DirectoryError) in
      guard try await accounts.apply(.startClock(account, at: startOfClock(account))) == .applied else { return }
      record(Record(account: account, act: .clockSet))
    }
    examined += try await rounds { limit throws(DirectoryError) in
      try await accounts.idleAccounts(cutoff: cutoff, limit: limit)
    } work: { account throws(DirectoryError) in
      if let told = try await look(at: account, cutoff: cutoff) { record(told) }
    }
    await accounts.recordSweep(at: now())
    return examined
  }

  private func foretell(_ account: Account) -> Record? {
    switch inactivity.verdict(on: account, at: now()) {
    case .stays: nil
    case .doubtful: Record(account: account, act: .skipped, reason: Self.doubt)
    case .due: Record(account: account, act: .wouldDeactivate)
    }
  }

  private func look(at account: Account, cutoff: Timestamp) async throws(DirectoryError) -> Record? {
    switch inactivity.verdict(on: account, at: now()) {
    case .stays:
      // Seen elsewhere since: the clock follows, so that the next sweep need not look again.
      let newest = [account.lastSignIn, account.lastBind].compactMap { $0 }.max()
      if let newest { _ = try await accounts.apply(.advanceClock(account, to: newest)) }
      return nil
    case .doubtful:
      return Record(account: account, act: .skipped, reason: Self.doubt)
    case .due:
      let change = Change.deactivate(account, .inactivity, at: now(), cutoff: cutoff)
      guard try await accounts.apply(change) == .applied else {
        return Record(account: account, act: .skipped, reason: "changed at the same moment")
      }
      logger.notice("deactivated for inactivity", metadata: ["id": "\(account.id)", "dn": "\(account.dn)"])
      return Record(account: account, act: .deactivated)
    }
  }

  private static let doubt = "a stamp is no time, or lies in the future"

  /// Reads a round and works on it, until there is nothing in it that was not worked on. What stays in the search after
  /// its turn comes again with the next round; where it fills one, the next is wider.
  private func rounds(
    _ read: (Int) async throws(DirectoryError) -> AccountDirectory.Round,
    work: (Account) async throws(DirectoryError) -> Void
  ) async throws(DirectoryError) -> Int {
    var examined = 0
    var limit = AccountDirectory.roundMax
    var before: Set<EntryUUID> = []
    while true {
      let round = try await read(limit)
      let fresh = round.accounts.filter { !before.contains($0.id) }
      for account in fresh { try await work(account) }
      examined += fresh.count
      if round.isComplete { return examined }
      if fresh.isEmpty {
        guard round.accounts.count >= limit else {
          throw .unsuitable("the server shows the daemon too few entries to go on with the sweep: load schema/limits")
        }
        limit += AccountDirectory.roundMax
      }
      before = Set(round.accounts.map(\.id))
    }
  }

  /// The newest stamp that is known, but young enough that the account is warned before it goes.
  private func startOfClock(_ account: Account) -> Timestamp {
    let warned: Int64 = 30 * 86_400
    let today = now()
    let oldest = today.adding(seconds: -max(0, inactivity.limitSeconds - warned))
    let newest =
      [account.lastSignIn, account.lastBind, account.created].compactMap { $0 }.filter { $0 <= today }.max() ?? today
    return max(newest, oldest)
  }

  func reply(dryRun: Bool) async throws(DirectoryError) -> Reply {
    var items: [Item] = []
    var counts: [Act: Int] = [:]
    let examined = try await run(dryRun: dryRun) { record in
      counts[record.act, default: 0] += 1
      let account = record.account
      let fields: [Field?] = [
        Field("dn", account.dn), account.mail.map { Field("login", $0) },
        account.idleSince?.time.map { Field("idle-since", $0.rfc3339) }, Field("action", record.act.rawValue),
        record.reason.map { Field("reason", $0) },
      ]
      if items.count < Self.itemsMax { items.append(Item(fields.compactMap { $0 })) }
    }
    return .ok(
      "swept",
      [
        Field("examined", examined),
        Field("deactivated", counts[dryRun ? .wouldDeactivate : .deactivated, default: 0]),
        Field("clocks", counts[.clockSet, default: 0]), Field("reactivated", counts[.reactivated, default: 0]),
        Field("skipped", counts[.skipped, default: 0]),
      ], items: items)
  }

  /// A reply lists no more accounts; its counts are of all.
  static let itemsMax = 10_000
}
