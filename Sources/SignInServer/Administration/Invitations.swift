internal import Directory
internal import Mail
internal import SignIn
internal import Wire

extension Administration {
  func invite(
    _ login: [UInt8], _ fields: [Field], under authority: Authority
  ) async throws(DirectoryError) -> Done {
    var invitation = Invitation(login: login, attributes: Self.attributes(fields))
    if let organisations = authority.organisation?.organisations, let organisation = organisations.first {
      guard organisations.count == 1 else { return Done(Self.whichOrganisation) }
      place(&invitation, in: organisation)
    }
    let outcome = try await service.accounts.invite(invitation) { permits($0, under: authority) }
    switch outcome {
    case .outside(let account): return Self.outside(account)
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

  private static let whichOrganisation = Reply.no(
    "ambiguous", text: "You administer several organisations; this must be done on the admin socket.")

  /// What is made for an organisation is made as one of its own.
  private func place(_ invitation: inout Invitation, in organisation: Organisation) {
    switch organisation.extent {
    case .subtree(let dn): invitation.base = dn.text
    case .value(let value):
      if let attribute = service.accounts.organisationAttribute { invitation.attributes[attribute] = value }
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
