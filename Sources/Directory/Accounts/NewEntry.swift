internal import SignIn

/// Entries that are made for people who have none: what `INVITE` and `IMPORT` share.
extension AccountDirectory {
  enum Creation {
    case created(dn: String)
    case exists
    /// An attribute is missing, or slapd refuses a value; says which.
    case incomplete(String)
  }

  static let whatALoginIs = "a login is 1 to 254 printable ASCII characters, at most one of them an @"

  /// Two at the most of the entries, accounts or not, that answer to one of these logins.
  func entries(answeringTo logins: [[UInt8]]) async throws(DirectoryError) -> [Entry] {
    let filters = logins.flatMap { login in settings.loginAttributes.map { Filter.equal($0, login) } }
    return try await search(base: settings.base, filter: .any(filters), sizeLimit: 2, alsoReading: [.objectClass])
  }

  /// What a new entry has: the login as its address or its uid, and the rest from the part before the `@`.
  func completed(_ given: [Attribute: [UInt8]], login: [UInt8]) -> [Attribute: [UInt8]] {
    var attributes = given
    let at = UInt8(ascii: "@")
    if login.contains(at) {
      attributes[.mail] = login
    } else {
      attributes[.uid] = attributes[.uid] ?? login
    }
    for attribute in [Attribute.uid, "cn", "sn"] where attributes[attribute] == nil {
      attributes[attribute] = Array(login.prefix { $0 != at })
    }
    return attributes
  }

  func create(
    _ attributes: [Attribute: [UInt8]], with further: [Modification], below base: String
  ) async throws(DirectoryError) -> Creation {
    guard attributes[.mail] != nil else { return .incomplete("mail is missing: nobody could be sent a code") }
    guard let rdn = attributes[settings.rdnAttribute], !rdn.isEmpty else {
      return .incomplete("\(settings.rdnAttribute.name) is missing (directory.rdn)")
    }
    let dn = "\(settings.rdnAttribute.name)=\(DistinguishedName.escape(rdn)),\(base)"
    let names = attributes.sorted { $0.key.name < $1.key.name }
    let connection = try await servers.connection().connection
    let classes = ["inetOrgPerson", "drawbridgeAccount"].map { Array($0.utf8) }
    do throws(DirectoryError) {
      switch try await connection.add(
        dn: dn, [.add(.objectClass, classes)] + further + names.map { .add($0.key, [$0.value]) })
      {
      case .applied: return .created(dn: dn)
      case .alreadyExists: return .exists
      case .noSuchObject: throw .unsuitable("\(base) does not exist (directory.people, organisation.subtree)")
      case .conditionFailed, .found: throw .lost("an answer of another kind")
      }
    } catch {
      guard let why = error.fault else { throw error }
      return .incomplete(why)
    }
  }

  /// An account that was made or adopted a moment ago.
  func made(_ dn: String) async throws(DirectoryError) -> Account {
    let traits = try await servers.connection().traits
    let entries = try await search(base: dn, scope: .base, filter: .isAccount, sizeLimit: 1)
    guard let account = entries.first.flatMap({ asAccount($0, traits) }) else {
      throw .unsuitable("\(dn) was made an account and cannot be read (access)")
    }
    return account
  }
}

extension Entry {
  var isAccount: Bool {
    values(.objectClass).contains { String(decoding: $0, as: UTF8.self).lowercased() == "drawbridgeaccount" }
  }
}

extension DirectoryError {
  /// What is wrong with the values that were sent, where it is they that slapd refused: undefinedAttributeType,
  /// constraintViolation, invalidAttributeSyntax, invalidDNSyntax, namingViolation and objectClassViolation (RFC 4511,
  /// section 4.1.9).
  var fault: String? {
    guard case .refused(let code, let why) = self, [17, 19, 21, 34, 64, 65].contains(code) else { return nil }
    return "the directory does not take it: \(why)"
  }
}
