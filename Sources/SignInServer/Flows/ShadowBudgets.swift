internal import SignIn
internal import Synchronization

/// Budgets that stand in no entry: of logins that lead to no account, so that those lock as real ones do, and of
/// accounts whose charges the directory would not take. Keyed by a digest of the login, or by the entryUUID; forgotten
/// at random once the table is full; each daemon has its own.
actor ShadowBudgets {
  private var tables: [[UInt8]: TriesTable] = [:]
  private var tablesMax: Int

  init(tablesMax: Int) { self.tablesMax = tablesMax }

  /// Of too many, any are forgotten.
  func adapt(tablesMax: Int) {
    self.tablesMax = tablesMax
    for victim in tables.keys.prefix(max(0, tables.count - tablesMax)) { tables[victim] = nil }
  }

  subscript(_ key: [UInt8]) -> TriesTable { tables[key] ?? TriesTable() }

  func charge(_ key: [UInt8], _ factor: Factor, at now: Timestamp) {
    if tables.count >= tablesMax, tables[key] == nil, let victim = tables.keys.randomElement() { tables[victim] = nil }
    let tries = self[key][factor]
    tables[key, default: TriesTable()][factor] = tries.charged(at: now)
  }

  /// Counts what stands here on top of what the entry holds.
  func add(to tries: inout TriesTable, of key: [UInt8]) {
    guard let shadow = tables[key] else { return }
    for factor in Factor.allCases { tries[factor] = tries[factor].counting(shadow[factor]) }
  }

  func takeBack(_ key: [UInt8], _ factor: Factor) {
    guard let tries = tables[key]?[factor] else { return }
    tables[key]?[factor] = tries.withoutLast()
  }

  func forget(_ key: [UInt8], _ factor: Factor) {
    tables[key]?[factor] = .none
    if tables[key] == TriesTable() { tables[key] = nil }
  }
}

/// Whether the directory takes charges: it does not from a refusal on until a change lands.
final class RefusedWrites: Sendable {
  private let state = Atomic(false)

  func note() { state.store(true, ordering: .relaxed) }
  func clear() { state.store(false, ordering: .relaxed) }

  var stand: Bool { state.load(ordering: .relaxed) }
}
