public import SignIn

/// Who is invited, as an administrator writes it.
public struct Invitation: Sendable, Equatable {
  public var login: [UInt8]
  public var attributes: [Attribute: [UInt8]]
  /// Where a new entry is made; `people` unless set.
  public var base: String?

  public init(login: [UInt8], attributes: [Attribute: [UInt8]], base: String? = nil) {
    self.login = login
    self.attributes = attributes
    self.base = base
  }
}

public enum InvitationOutcome: Equatable, Sendable {
  case invited(Account)
  /// There is such an account, and it has a password or an authenticator already.
  case exists
  case ambiguous
  /// An entry that answers to the login is none that may be invited; the account, where it is one.
  case outside(Account?)
  /// The entry would lack an attribute that its object class needs, or a value cannot be one.
  case incomplete(String)
}

extension AccountDirectory {
  /// Adopts an existing entry, or creates one below `people`; inviting an invited one again renews its time.
  ///
  /// - Parameter permits: whether an entry that is there already may be invited.
  public func invite(
    _ invitation: Invitation, where permits: (Account) -> Bool = { _ in true }
  ) async throws(DirectoryError) -> InvitationOutcome {
    guard Self.isLogin(invitation.login) else { return .incomplete(Self.whatALoginIs) }
    let entries = try await entries(answeringTo: [invitation.login])
    let found = entries.map { asAccount($0, Self.anyServer) }
    guard found.allSatisfy({ $0.map(permits) ?? false }) else { return .outside(found.first ?? nil) }
    guard entries.count < 2 else { return .ambiguous }
    guard let entry = entries.first else { return try await create(invitation) }
    if entry.isAccount {
      guard let account = asAccount(entry, Self.anyServer), account.standing == .invited else {
        return .exists
      }
    }
    let connection = try await servers.connection().connection
    let answer = try await connection.modify(
      dn: entry.dn,
      (entry.isAccount ? [] : [.add(.objectClass, "drawbridgeAccount")]) + [.set(.invitedTime, now().generalizedTime)],
      if: entry.isAccount ? .isAccount : .not(.isAccount))
    guard case .applied = answer else { return .ambiguous }
    return .invited(try await made(entry.dn))
  }

  /// An invitation does not ask for locks.
  static let anyServer = ServerTraits(knowsPasswordPolicy: false)

  private func create(_ invitation: Invitation) async throws(DirectoryError) -> InvitationOutcome {
    let attributes = completed(invitation.attributes, login: invitation.login)
    // Two entries of one name are no match for either: nobody is shut out by an invitation of somebody else.
    let others = settings.loginAttributes.filter { attributes[$0] != nil && attributes[$0] != invitation.login }
    if !others.isEmpty, try await !entries(answeringTo: others.compactMap { attributes[$0] }).isEmpty {
      return .incomplete("another entry has the same \(others.map(\.name).joined(separator: " or "))")
    }
    switch try await create(
      attributes, with: [.add(.invitedTime, now().generalizedTime)], below: invitation.base ?? settings.people)
    {
    case .created(let dn): return .invited(try await made(dn))
    case .exists: return .exists
    case .incomplete(let why): return .incomplete(why)
    }
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
