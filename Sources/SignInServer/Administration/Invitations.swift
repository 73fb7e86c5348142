internal import Directory
internal import Mail
internal import SignIn
internal import Wire

extension Administration {
  func invite(
    _ login: [UInt8], _ fields: [Field], under authority: Authority
  ) async throws(DirectoryError) -> Reply {
    var attributes: [Attribute: [UInt8]] = [:]
    for field in fields {
      guard let attribute = Attribute(field.name) else { return .err("bad-attribute") }
      attributes[attribute] = field.value
    }
    switch try await service.accounts.invite(Invitation(login: login, attributes: attributes)) {
    case .exists:
      return .no(
        "exists", text: "The account has a password or an authenticator already, or another entry has its name.")
    case .ambiguous: return .no("ambiguous", text: "Several entries answer to this login.")
    case .incomplete(let why): return .no("incomplete", text: why)
    case .invited(let account):
      audit("invite", account, under: authority)
      if account.standing == .invited {
        service.postbox.post(
          .invitation, to: account, values: ["days": String(service.rules.invitationLifetimeSeconds / 86_400)])
      } else {
        service.postbox.post(.halfSetUp, to: account)
      }
      return .ok("invited", Self.names(of: account))
    }
  }
}
