public import Secrets
public import SignIn

/// Somebody who is known elsewhere, as an import brings them.
public struct Importation: Sendable, Equatable {
  public var login: [UInt8]
  /// The address among them, where the login is none.
  public var attributes: [Attribute: [UInt8]]
  /// Of a form that can be verified.
  public var hash: PasswordHash?

  public init(login: [UInt8], attributes: [Attribute: [UInt8]], hash: PasswordHash?) {
    self.login = login
    self.attributes = attributes
    self.hash = hash
  }
}

public enum ImportOutcome: Equatable, Sendable {
  public enum Way: String, Sendable { case created, adopted, unchanged }

  case imported(Way, Account)
  /// What would be, in a dry run; the entry where there is one.
  case would(Way, Account?)
  /// Several entries answer to the login, or what it brings belongs to another entry.
  case ambiguous
  case incomplete(String)
  /// The entry changed at the same moment.
  case changed
}

extension AccountDirectory {
  /// Makes an account of an existing entry, whose `userPassword` stays, or creates one. The same again changes nothing.
  public func importAccount(_ who: Importation, dryRun: Bool) async throws(DirectoryError) -> ImportOutcome {
    guard Self.isLogin(who.login) else { return .incomplete(Self.whatALoginIs) }
    if who.login.contains(UInt8(ascii: "@")), let mail = who.attributes[.mail], mail != who.login {
      return .incomplete("the login is one address, and mail another")
    }
    let entries = try await entries(answeringTo: [who.login])
    guard entries.count < 2 else { return .ambiguous }
    if let entry = entries.first { return try await take(entry, hash: who.hash, dryRun: dryRun) }

    let attributes = completed(who.attributes, login: who.login)
    let logins = settings.loginAttributes.compactMap { attributes[$0] }
    guard logins.allSatisfy(Self.isLogin) else { return .incomplete(Self.whatALoginIs) }
    guard try await self.entries(answeringTo: logins).isEmpty else { return .ambiguous }
    if dryRun {
      return attributes[.mail] == nil
        ? .incomplete("mail is missing: nobody could be sent a code") : .would(.created, nil)
    }
    let further: Modification =
      who.hash.map { .add(.userPassword, [$0.stored]) } ?? .add(.invitedTime, now().generalizedTime)
    switch try await create(attributes, with: [further], below: settings.people) {
    case .created(let dn): return .imported(.created, try await made(dn))
    case .incomplete(let why): return .incomplete(why)
    case .exists:
      // Made by somebody else at the same moment; or of the same name, and of other logins.
      return try await self.entries(answeringTo: [who.login]).isEmpty ? .ambiguous : .changed
    }
  }

  private func take(_ entry: Entry, hash: PasswordHash?, dryRun: Bool) async throws(DirectoryError) -> ImportOutcome {
    guard entry.value(.mail) != nil else { return .incomplete("the entry has no mail: nobody could be sent a code") }
    let way: ImportOutcome.Way = entry.isAccount ? .unchanged : .adopted
    if dryRun { return .would(way, asAccount(entry, Self.anyServer)) }
    if !entry.isAccount {
      let connection = try await servers.connection().connection
      do throws(DirectoryError) {
        let answer = try await connection.modify(
          dn: entry.dn, [.add(.objectClass, "drawbridgeAccount")], if: .not(.isAccount))
        guard case .applied = answer else { return .changed }
      } catch {
        guard let why = error.fault else { throw error }
        return .incomplete(why)
      }
    }
    // Only now can the daemon see whether there is a password.
    let account = try await made(entry.dn)
    guard account.standing == .invited, account.invited == nil || hash != nil else { return .imported(way, account) }
    return try await complete(account, hash: hash, way)
  }

  /// Without a password, an account is an invited one, whose invitation ends; an import may bring the password.
  private func complete(
    _ account: Account, hash: PasswordHash?, _ way: ImportOutcome.Way
  ) async throws(DirectoryError) -> ImportOutcome {
    if let hash, !account.hashIsBehindPassThrough {
      guard case .applied = try await apply(.setPassword(account, hash, keepingHistory: 0)) else { return .changed }
    } else if account.invited == nil {
      let connection = try await servers.connection().connection
      _ = try await connection.modify(
        dn: account.dn, [.set(.invitedTime, now().generalizedTime)],
        if: .all([.isAccount, .absent(.totpSecret), .absent(.password), .absent(.invitedTime)]))
    }
    return .imported(way, try await made(account.dn))
  }

  // MARK: By a filter

  /// One entry that a filter found.
  public struct Adoption: Sendable {
    public let dn: String
    public let mail: String?
    public let outcome: ImportOutcome
  }

  /// What no filter of an administrator may name: passwords, and what Drawbridge keeps to itself.
  private static func isHidden(_ attribute: Attribute) -> Bool {
    let name = attribute.name.lowercased()
    return name.hasPrefix("drawbridge") || name.hasPrefix("pwd") || name == "userpassword" || name == "authpassword"
  }

  /// Reads a filter for ``adopt(_:dryRun:_:)``.
  public static func adoptable(_ text: [UInt8]) throws(FilterError) -> Filter {
    let filter = try Filter(parsing: text)
    guard !filter.attributes.contains(where: isHidden) else {
      throw FilterError(text: "The filter names an attribute that holds a password, or is Drawbridge's own.")
    }
    return filter
  }

  /// Makes accounts of all entries that a filter finds and that are none yet; answers how many it found.
  ///
  /// - Parameter body: answers false to stop.
  public func adopt(
    _ filter: Filter, dryRun: Bool, _ body: (Adoption) async throws(DirectoryError) -> Bool
  ) async throws(DirectoryError) -> Int {
    let checked = try await servers.reserve()
    var count = 0
    do throws(DirectoryError) {
      try await forEachEntry(
        .all([.not(.isAccount), filter]), [.objectClass, .entryUUID] + settings.loginAttributes + [.mail], on: checked
      ) { entry throws(DirectoryError) in
        count += 1
        let outcome = try await adopt(entry, dryRun: dryRun)
        return try await body(Adoption(dn: entry.dn, mail: entry.string(.mail), outcome: outcome))
      }
      await servers.release(checked)
      return count
    } catch {
      await servers.release(checked)
      throw error
    }
  }

  private func adopt(_ entry: Entry, dryRun: Bool) async throws(DirectoryError) -> ImportOutcome {
    // Of two entries with one login, neither could sign in.
    let logins = settings.loginAttributes.compactMap { entry.value($0) }
    if !logins.isEmpty, try await entries(answeringTo: logins).count > 1 { return .ambiguous }
    return try await take(entry, hash: nil, dryRun: dryRun)
  }
}
