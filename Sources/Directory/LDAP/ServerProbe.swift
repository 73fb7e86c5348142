/// What differs between servers and decides how accounts are read and changed.
struct ServerTraits: Equatable, Sendable {
  /// ppolicy is loaded: `pwdAccountLockedTime` can be read, written and asserted.
  var knowsPasswordPolicy: Bool
  /// The DN that the daemon's own changes bear; nil where the server told none.
  var daemon: String?
}

/// Looks at a server before it is used.
struct ServerProbe {
  let connection: Connection
  /// Of a connection that is given up.
  private let isLast: Bool
  init(_ connection: Connection, isLast: Bool = false) {
    self.connection = connection
    self.isLast = isLast
  }

  static let assertionControl = "1.3.6.1.1.12"  // RFC 4528

  /// Throws, naming what to mend, where the server cannot carry conditional changes of accounts.
  func check(base: String) async throws(DirectoryError) -> ServerTraits {
    let root = try await read("", ["supportedControl"])
    guard root.values("supportedControl").contains(Array(Self.assertionControl.utf8)) else {
      throw .unsuitable("\(connection.uri): the server has no assertion control (RFC 4528), or hides its root entry")
    }
    let (traits, knowsAccounts) = try await subschema()
    guard knowsAccounts else {
      throw .unsuitable("\(connection.uri): the server does not know drawbridgeAccount: load schema/drawbridge.ldif")
    }
    guard try await readIfPresent(base, [.objectClass]) != nil else {
      throw .unsuitable(
        "\(connection.uri): \(base) does not exist or the daemon's identity may not see it (directory.base, access)")
    }
    return traits
  }

  /// What does not stand in the way of a start, and yet looks as if a file of `schema/` had not been loaded.
  func doubts(sharedEntry: String) async throws(DirectoryError) -> [String] {
    var doubts: [String] = []
    if connection.identity.hasSuffix(",cn=external,cn=auth") {
      doubts.append("slapd knows the daemon as \(connection.identity) alone: load schema/identity (authz-regexp)")
    }
    if try await readIfPresent(sharedEntry, [.objectClass]) == nil {
      doubts.append("\(sharedEntry) cannot be read: load schema/shared.ldif and schema/access (directory.shared-entry)")
    }
    return doubts
  }

  func traits() async throws(DirectoryError) -> ServerTraits { try await subschema().0 }

  private func subschema() async throws(DirectoryError) -> (ServerTraits, knowsAccounts: Bool) {
    let root = try await read("", ["subschemaSubentry"])
    let dn = root.string("subschemaSubentry") ?? "cn=Subschema"
    let schema = try await read(dn, ["attributeTypes", "objectClasses"])
    let policy = schema.values("attributeTypes").contains { Self.names("pwdAccountLockedTime", in: $0) }
    let accounts = schema.values("objectClasses").contains { Self.names("drawbridgeAccount", in: $0) }
    let identity = connection.identity
    let daemon = identity.hasPrefix("dn:") ? String(identity.dropFirst(3)) : nil
    return (ServerTraits(knowsPasswordPolicy: policy, daemon: daemon), accounts)
  }

  func read(_ dn: String, _ attributes: [Attribute]) async throws(DirectoryError) -> Entry {
    guard let entry = try await readIfPresent(dn, attributes) else {
      let what = dn.isEmpty ? "the root entry (dn.base=\"\")" : dn
      throw .unsuitable(
        "\(connection.uri): the daemon may not read \(what); slapd's frontend needs an access rule for it")
    }
    return entry
  }

  func readIfPresent(_ dn: String, _ attributes: [Attribute]) async throws(DirectoryError) -> Entry? {
    try await connection.search(
      Search(base: dn, scope: .base, filter: .present(.objectClass), attributes: attributes, sizeLimit: 1),
      isLast: isLast
    )
    .entries.first
  }

  /// Whether a description (RFC 4512, section 4.1) bears this name: it stands in quotes.
  static func names(_ name: String, in description: [UInt8]) -> Bool {
    String(decoding: description, as: UTF8.self).contains("'\(name)'")
  }
}
