internal import SignIn

/// Budgets of logins that lead to no account, so that those lock as real ones do. Keyed by a digest of the login,
/// forgotten at random once the table is full; each daemon has its own.
actor ShadowBudgets {
  private var tables: [[UInt8]: TriesTable] = [:]
  private let tablesMax: Int

  init(tablesMax: Int) { self.tablesMax = tablesMax }

  subscript(_ key: [UInt8]) -> TriesTable { tables[key] ?? TriesTable() }

  func charge(_ key: [UInt8], _ factor: Factor, at now: Timestamp) {
    if tables.count >= tablesMax, tables[key] == nil, let victim = tables.keys.randomElement() { tables[victim] = nil }
    let tries = self[key][factor]
    tables[key, default: TriesTable()][factor] = tries.charged(at: now)
  }
}
