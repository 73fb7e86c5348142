internal import Directory
internal import Logging
internal import Mail
internal import SignIn

/// Once a month, each organisation's administrators are told by mail which accounts will be deactivated soon.
///
/// Several daemons send one: a month is claimed in the shared entry, after the list was read and before it is sent. A
/// daemon that dies in between leaves that month without a digest, never with two.
struct Digests: Sendable {
  let service: SignInService
  let inactivity: Inactivity

  private var accounts: AccountDirectory { service.accounts }
  private var postbox: Postbox { service.postbox }
  private var now: @Sendable () -> Timestamp { service.now }
  var logger: Logger { service.logger }

  /// More than a month, so that nobody slips through between two digests.
  static let days = 45
  static let linesMax = 200
  /// Who gets one, of one organisation.
  static let recipientsMax = 100
  /// Organisations whose lists are held at once.
  private static let groupMax = 500
  /// A mail server may be down for a while.
  private static let lifetime = Duration.seconds(24 * 3600)

  private struct List {
    let organisation: Organisation
    var rows: [(account: String, end: Timestamp)] = []
    var count = 0

    mutating func add(_ account: Account, _ end: Timestamp) {
      count += 1
      if rows.count < Digests.linesMax { rows.append((account.mail ?? account.uid ?? account.dn, end)) }
    }
  }

  /// Sends what is still to be sent this month.
  func send() async throws(DirectoryError) {
    let month = String(now().generalizedTime.prefix(6))
    let last = try await accounts.lastDigests()
    // A month that lies ahead was claimed by a daemon whose clock is: not to be sent twice either.
    let waiting = inactivity.organisations.all.filter { $0.administrators != nil && last[$0.name] ?? "" < month }
    logger.debug("digests", metadata: ["month": "\(month)", "waiting": "\(waiting.count)"])
    for start in stride(from: 0, to: waiting.count, by: Self.groupMax) {
      for list in try await lists(of: waiting[start..<min(start + Self.groupMax, waiting.count)]) {
        try await send(list, month: month, last: last[list.organisation.name])
      }
    }
  }

  private func lists(of organisations: ArraySlice<Organisation>) async throws(DirectoryError) -> [List] {
    var lists = Dictionary(uniqueKeysWithValues: organisations.map { ($0.name, List(organisation: $0)) })
    let horizon = now().adding(seconds: Int64(Self.days) * 86_400)
    try await accounts.forEach(.idle(since: inactivity.cutoff(at: horizon))) { account throws(DirectoryError) in
      guard let name = inactivity.organisations.organisation(of: account)?.name, lists[name] != nil,
        account.deactivation == nil, let end = inactivity.end(of: account), end <= horizon
      else { return true }
      lists[name]?.add(account, end)
      return true
    }
    return organisations.compactMap { lists[$0.name] }
  }

  private func send(_ list: List, month: String, last: String?) async throws(DirectoryError) {
    let name = list.organisation.name
    guard let group = list.organisation.administrators else { return }
    let recipients =
      list.count == 0
      ? [] : try await inactivity.organisations.administrators(of: group, in: accounts, atMost: Self.recipientsMax)
    guard try await accounts.claimDigest(of: name, month: month, last: last) else { return }
    if list.count == 0 { return }
    logger.notice(
      "digest", metadata: ["organisation": "\(name)", "accounts": "\(list.count)", "recipients": "\(recipients.count)"])
    let rows = list.rows.sorted { ($0.end, $0.account) < ($1.end, $1.account) }.map {
      ["account": $0.account, "date": String($0.end.rfc3339.prefix(10))]
    }
    var values = ["organisation": name, "days": String(Self.days), "count": String(list.count)]
    if list.count > rows.count { values["more"] = String(list.count - rows.count) }
    for recipient in recipients {
      postbox.post(.digest, to: recipient, values: values, rows: rows, lifetime: Self.lifetime)
    }
  }
}
