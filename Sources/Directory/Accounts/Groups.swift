public import SignIn

/// Groups of names (`groupOfNames`, RFC 4519, section 3.5): who administers what.
extension AccountDirectory {
  private static let groupsMax = 1_000
  private static let isGroup = Filter.equal(.objectClass, "groupOfNames")

  /// The groups below a name that an account is a member of, by their names: one search. Those beyond a thousand are
  /// left out.
  public func groups(of account: Account, below base: String) async throws(DirectoryError) -> [String] {
    let holds = Filter.all([Self.isGroup, .equal(.member, account.dn)])
    return try await search(base: base, filter: holds, sizeLimit: Self.groupsMax).map(\.dn)
  }

  /// The names of a group's members; none where there is no such group.
  public func members(of group: String) async throws(DirectoryError) -> [String] {
    let entries = try await search(
      base: group, scope: .base, filter: Self.isGroup, sizeLimit: 1, alsoReading: [.member])
    return entries.first?.values(.member).compactMap { String(validating: $0, as: UTF8.self) } ?? []
  }

  /// Whether an account is a member of a group: one search, but for those who are not.
  ///
  /// - Parameter setting: what names the group in the configuration.
  /// - Throws: `.unsuitable` where the group cannot be read; see ``members(of:setting:)``.
  public func isMember(
    _ account: Account, of group: String, setting: String
  ) async throws(DirectoryError) -> Bool {
    let holds = Filter.all([Self.isGroup, .equal(.member, account.dn)])
    if try await !search(base: group, scope: .base, filter: holds, sizeLimit: 1).isEmpty { return true }
    return try await members(of: group, setting: setting).contains(account.dn)
  }

  /// The account at a name; nil where there is none.
  public func account(dn: String) async throws(DirectoryError) -> Account? {
    let entries = try await search(base: dn, scope: .base, filter: .isAccount, sizeLimit: 1)
    guard let entry = entries.first else { return nil }
    return asAccount(entry, try await servers.connection().traits)
  }
}
