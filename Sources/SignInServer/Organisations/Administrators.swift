internal import Directory
internal import SignIn

/// Who administers an organisation stands in its group, and is read there each time.
extension Organisations {
  /// So many members of one group are looked at.
  static let membersMax = 1_000

  /// The deepest name above all groups of administrators; nil where there is none.
  var groupsAncestor: DistinguishedName? {
    let groups = all.compactMap(\.administrators)
    return groups.dropFirst().reduce(groups.first) { $0?.commonAncestor(with: $1) }
  }

  /// The organisations that an account administers: one search.
  func administered(by account: Account, in accounts: AccountDirectory) async throws(DirectoryError) -> [Organisation] {
    guard let base = groupsAncestor else { return [] }
    let groups = Set(try await accounts.groups(of: account, below: base.text).compactMap { DistinguishedName($0) })
    guard !groups.isEmpty else { return [] }
    return all.filter { $0.administrators.map(groups.contains) ?? false }
  }

  /// Whether an organisation would have no administrator left without this account. An administrator counts while the
  /// account is active. In doubt (a group of more than ``membersMax`` members, none of the first ones active), yes.
  func isLastAdministrator(_ account: Account, in accounts: AccountDirectory) async throws(DirectoryError) -> Bool {
    guard account.standing == .active else { return false }
    for group in Set(try await administered(by: account, in: accounts).compactMap(\.administrators)) {
      if try await administrators(of: group, in: accounts, but: account, atMost: 1).isEmpty { return true }
    }
    return false
  }

  /// Members of a group whose accounts are active.
  func administrators(
    of group: DistinguishedName, in accounts: AccountDirectory, but account: Account? = nil, atMost count: Int
  ) async throws(DirectoryError) -> [Account] {
    var found: [Account] = []
    for member in try await accounts.members(of: group.text).prefix(Self.membersMax) {
      guard let other = try await accounts.account(dn: member), other.standing == .active, other.id != account?.id
      else {
        continue
      }
      found.append(other)
      if found.count == count { break }
    }
    return found
  }
}
