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
  func run(dryRun: Bool, record: (Record) async -> Void) async throws(DirectoryError) -> Int {
    let cutoff = inactivity.cutoff(at: now())
    if dryRun {
      return try await accounts.forEach(.idle(since: cutoff)) { account throws(DirectoryError) in
        if let told = foretell(account) { await record(told) }
        return true
      }
    }
    var examined = try await accounts.forEach(.unfinishedReactivation) { account throws(DirectoryError) in
      if account.lock == .displaced { _ = try await accounts.lockAgain(account) }
      if account.hasUnfinishedReactivation, try await accounts.finishReactivation(of: account) != nil {
        await record(Record(account: account, act: .reactivated))
      }
      return true
    }
    examined += try await accounts.forEach(.withoutClock) { account throws(DirectoryError) in
      if try await accounts.apply(.startClock(account, at: startOfClock(account))) == .applied {
        await record(Record(account: account, act: .clockSet))
      }
      return true
    }
    examined += try await accounts.forEach(.idle(since: cutoff)) { account throws(DirectoryError) in
      if let told = try await look(at: account) { await record(told) }
      return true
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

  private func look(at account: Account) async throws(DirectoryError) -> Record? {
    switch inactivity.verdict(on: account, at: now()) {
    case .stays:
      // Seen elsewhere since: the clock follows, so that the next sweep need not look again.
      let newest = [account.lastSignIn, account.lastBind].compactMap { $0 }.max()
      if let newest { _ = try await accounts.apply(.advanceClock(account, to: newest)) }
      return nil
    case .doubtful:
      return Record(account: account, act: .skipped, reason: Self.doubt)
    case .due:
      let change = Change.deactivate(
        account, .inactivity, at: now(), cutoff: inactivity.cutoff(for: account, at: now()))
      guard try await accounts.apply(change) == .applied else {
        return Record(account: account, act: .skipped, reason: "changed at the same moment")
      }
      logger.notice("deactivated for inactivity", metadata: ["id": "\(account.id)", "dn": "\(account.dn)"])
      return Record(account: account, act: .deactivated)
    }
  }

  private static let doubt = "a stamp is no time, or lies in the future"

  /// The newest stamp that is known, but young enough that the account is warned before it goes.
  private func startOfClock(_ account: Account) -> Timestamp {
    let warned: Int64 = 30 * 86_400
    let today = now()
    let oldest = today.adding(seconds: -max(0, inactivity.limitSeconds(for: account) - warned))
    let newest =
      [account.lastSignIn, account.lastBind, account.created].compactMap { $0 }.filter { $0 <= today }.max() ?? today
    return max(newest, oldest)
  }

  func reply(_ mode: Request.Admin.SweepMode, items: ItemSink) async throws(DirectoryError) -> Reply {
    var counts: [Act: Int] = [:]
    let dryRun = mode == .dryRun
    let examined = try await run(dryRun: dryRun) { record in
      counts[record.act, default: 0] += 1
      let account = record.account
      let fields: [Field?] = [
        Field("dn", account.dn), account.mail.map { Field("login", $0) },
        account.idleSince?.time.map { Field("idle-since", $0.rfc3339) }, Field("action", record.act.rawValue),
        record.reason.map { Field("reason", $0) },
      ]
      _ = await items(Item(fields.compactMap { $0 }))
    }
    return .ok(
      "swept",
      [
        Field("examined", examined),
        Field("deactivated", counts[dryRun ? .wouldDeactivate : .deactivated, default: 0]),
        Field("clocks", counts[.clockSet, default: 0]), Field("reactivated", counts[.reactivated, default: 0]),
        Field("skipped", counts[.skipped, default: 0]),
      ])
  }
}
