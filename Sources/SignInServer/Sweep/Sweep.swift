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

  /// Hands every act to `record` as it is done.
  func run(dryRun: Bool, record: (Record) -> Void) async throws(DirectoryError) -> Int {
    var examined = 0
    if !dryRun {
      for account in try await accounts.unfinishedReactivations() {
        examined += 1
        if try await accounts.finishReactivation(of: account) != nil {
          record(Record(account: account, act: .reactivated))
        }
      }
      examined += try await rounds(accounts.accountsWithoutClock) { account throws(DirectoryError) in
        let start = startOfClock(account)
        guard try await accounts.apply(.startClock(account, at: start)) == .applied else { return false }
        record(Record(account: account, act: .clockSet))
        return true
      }
    }
    let cutoff = inactivity.cutoff(at: now())
    let idle: @Sendable () async throws(DirectoryError) -> [Account] = { () throws(DirectoryError) in
      try await accounts.idleAccounts(cutoff: cutoff)
    }
    examined += try await rounds(idle, once: dryRun) { account throws(DirectoryError) in
      switch inactivity.verdict(on: account, at: now()) {
      case .stays: return false
      case .doubtful:
        record(Record(account: account, act: .skipped, reason: "a stamp is no time, or lies in the future"))
        return false
      case .due where dryRun:
        record(Record(account: account, act: .wouldDeactivate))
        return false
      case .due:
        let change = Change.deactivate(account, .inactivity, at: now(), cutoff: cutoff)
        guard try await accounts.apply(change) == .applied else {
          record(Record(account: account, act: .skipped, reason: "changed at the same moment"))
          return false
        }
        logger.notice("deactivated for inactivity", metadata: ["id": "\(account.id)", "dn": "\(account.dn)"])
        record(Record(account: account, act: .deactivated))
        return true
      }
    }
    return examined
  }

  /// Reads a round and works on it until a round is not full any more, or brings nothing further.
  private func rounds(
    _ read: @Sendable () async throws(DirectoryError) -> [Account], once: Bool = false,
    _ work: (Account) async throws(DirectoryError) -> Bool
  ) async throws(DirectoryError) -> Int {
    var examined = 0
    var seen: Set<EntryUUID> = []
    while true {
      let found = try await read()
      var changed = 0
      for account in found where seen.insert(account.id).inserted {
        examined += 1
        if try await work(account) {
          changed += 1
          seen.remove(account.id)  // it is out of the next round; what stays in must not be told twice
        }
      }
      if once || changed == 0 || found.count < AccountDirectory.roundMax { return examined }
    }
  }

  /// The newest stamp that is known, but young enough that the account is warned before it goes.
  private func startOfClock(_ account: Account) -> Timestamp {
    let warned: Int64 = 30 * 86_400
    let today = now()
    let oldest = today.adding(seconds: -max(0, inactivity.limitSeconds - warned))
    let newest = [account.lastSignIn, account.created].compactMap { $0 }.filter { $0 <= today }.max() ?? today
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
