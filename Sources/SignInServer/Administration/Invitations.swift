internal import Directory
internal import Mail
internal import SignIn
internal import Wire

extension Administration {
  func invite(_ login: [UInt8], _ fields: [Field]) async throws(DirectoryError) -> Done {
    let invitation = Invitation(login: login, attributes: Self.attributes(fields))
    switch try await service.accounts.invite(invitation) {
    case .exists:
      return Done(
        .no("exists", text: "The account has a password or an authenticator already, or another entry has its name."))
    case .ambiguous: return Done(.no("ambiguous", text: "Several entries answer to this login."))
    case .incomplete(let why): return Done(.no("incomplete", text: why))
    case .invited(let account):
      if account.standing == .invited {
        service.postbox.post(
          .invitation, to: account, values: ["days": String(service.rules.invitationLifetimeSeconds / 86_400)])
      } else {
        service.postbox.post(.halfSetUp, to: account)
      }
      return Done(.ok("invited", Self.names(of: account)), account)
    }
  }

  /// The parser lets only names of attributes through.
  static func attributes(_ fields: [Field]) -> [Attribute: [UInt8]] {
    var attributes: [Attribute: [UInt8]] = [:]
    for field in fields {
      if let attribute = Attribute(field.name) { attributes[attribute] = field.value }
    }
    return attributes
  }
}
