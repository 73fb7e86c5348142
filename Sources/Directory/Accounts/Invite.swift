public import SignIn

/// Who is invited, as an administrator writes it.
public struct Invitation: Sendable, Equatable {
  public var login: [UInt8]
  public var attributes: [Attribute: [UInt8]]

  public init(login: [UInt8], attributes: [Attribute: [UInt8]]) {
    self.login = login
    self.attributes = attributes
  }
}

public enum InvitationOutcome: Equatable, Sendable {
  case invited(Account)
  /// There is such an account, and it has a password or an authenticator already.
  case exists
  case ambiguous
  /// The entry would lack an attribute that its object class needs, or a value cannot be one.
  case incomplete(String)
}

extension AccountDirectory {
  /// Adopts an existing entry, or creates one below `people`; inviting an invited one again renews its time.
  public func invite(_ invitation: Invitation) async throws(DirectoryError) -> InvitationOutcome {
    guard (1...254).contains(invitation.login.count), invitation.login.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return .incomplete("a login is 1 to 254 printable ASCII characters")
    }
    let isLogin = Filter.any(settings.loginAttributes.map { .equal($0, invitation.login) })
    let entries = try await search(
      base: settings.base, filter: isLogin, sizeLimit: 2, alsoReading: [.objectClass])
    guard entries.count < 2 else { return .ambiguous }
    guard let entry = entries.first else { return try await create(invitation) }

    let isAdopted = entry.values(.objectClass).contains {
      String(decoding: $0, as: UTF8.self).lowercased() == "drawbridgeaccount"
    }
    if isAdopted {
      guard let account = Account(entry, knowsPasswordPolicy: false), account.standing == .invited else {
        return .exists
      }
    }
    let connection = try await servers.connection().connection
    let answer = try await connection.modify(
      dn: entry.dn,
      (isAdopted ? [] : [.add(.objectClass, "drawbridgeAccount")]) + [.set(.invitedTime, now().generalizedTime)],
      if: isAdopted ? .isAccount : .not(.isAccount))
    guard case .applied = answer else { return .ambiguous }
    return try await invited(dn: entry.dn)
  }

  private func create(_ invitation: Invitation) async throws(DirectoryError) -> InvitationOutcome {
    var attributes = invitation.attributes
    let at = UInt8(ascii: "@")
    if invitation.login.contains(at) {
      attributes[.mail] = invitation.login
    } else {
      attributes[.uid] = attributes[.uid] ?? invitation.login
    }
    let localPart = Array(invitation.login.prefix { $0 != at })
    for attribute in [Attribute.uid, "cn", "sn"] where attributes[attribute] == nil {
      attributes[attribute] = localPart
    }
    guard attributes[.mail] != nil else { return .incomplete("mail is missing: nobody could be sent a code") }
    guard let rdn = attributes[settings.rdnAttribute], !rdn.isEmpty else {
      return .incomplete("\(settings.rdnAttribute.name) is missing (directory.rdn)")
    }
    let dn = "\(settings.rdnAttribute.name)=\(DistinguishedName.escape(rdn)),\(settings.people)"
    let names = attributes.sorted { $0.key.name < $1.key.name }
    let connection = try await servers.connection().connection
    switch try await connection.add(
      dn: dn,
      [
        .add(.objectClass, ["inetOrgPerson", "drawbridgeAccount"].map { Array($0.utf8) }),
        .add(.invitedTime, now().generalizedTime),
      ] + names.map { .add($0.key, [$0.value]) })
    {
    case .applied: return try await invited(dn: dn)
    case .alreadyExists: return .exists
    case .noSuchObject: throw .unsuitable("\(settings.people) does not exist (directory.people)")
    case .conditionFailed, .found: throw .lost("an answer of another kind")
    }
  }

  private func invited(dn: String) async throws(DirectoryError) -> InvitationOutcome {
    let entries = try await search(base: dn, scope: .base, filter: .isAccount, sizeLimit: 1)
    guard let account = entries.first.flatMap({ Account($0, knowsPasswordPolicy: false) }) else {
      throw .unsuitable("\(dn) was invited and cannot be read (access)")
    }
    return .invited(account)
  }
}

enum DistinguishedName {
  /// A value as it stands in a DN: every byte but ASCII letters and digits as `\xx` (RFC 4514, section 2.4).
  static func escape(_ value: [UInt8]) -> String {
    value.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
      default: (byte < 16 ? "\\0" : "\\") + String(byte, radix: 16)
      }
    }.joined()
  }
}
