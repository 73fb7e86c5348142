internal import Directory
internal import SignIn

/// Whom no sweep deactivates, however idle. (`drawbridgeExempt` is left out by the search itself.)
struct Protection: Sendable {
  /// A `groupOfNames`, read once a sweep.
  var exemptGroup: String?
  /// The last administrator of an organisation, for one.
  var protects: @Sendable (Account) async throws(DirectoryError) -> Bool = { _ in false }

  init(exemptGroup: String?, service: SignInService) {
    self.exemptGroup = exemptGroup
    protects = { account throws(DirectoryError) in
      try await service.rules.organisations.isLastAdministrator(account, in: service.accounts)
    }
  }

  /// Throws where the group cannot be read: that is never taken for a group without members.
  func exempt(in accounts: AccountDirectory) async throws(DirectoryError) -> GroupMembers {
    guard let exemptGroup else { return .none }
    return try await accounts.members(of: exemptGroup, setting: "inactivity.exempt-group")
  }

  /// Why a due account stays; nil where it goes.
  func reason(toKeep account: Account, exempt: GroupMembers) async throws(DirectoryError) -> String? {
    if exempt.contains(account.dn) { return "member of the exempt group" }
    return try await protects(account) ? "protected" : nil
  }
}
