public import SignIn

/// What a server is seen to be, fit or not, without a change to anything.
public struct ServerFacts: Equatable, Sendable {
  public enum Transport: String, Sendable { case local, tls, clear }

  public var uri: String
  public var transport: Transport
  /// Who the server says the daemon is: a DN.
  public var identity: String
  public var controls: Set<String> = []
  public var knowsAccounts = false
  public var knowsPasswordPolicy = false
  /// Attributes of the schema that the server does not know.
  public var unknownAttributes: [String] = []
  /// Of the entries that the daemon must see, those that it does not.
  public var hidden: [String] = []
  public var sharedEntry: SharedFacts?
  /// By its own clock, where the server tells it (`cn=Monitor`).
  public var time: Timestamp?
  /// The account that rights were tried on.
  public var account: String?
  /// Attributes that conditions name, and that the daemon may not search in that account.
  public var unsearchable: [String] = []
  /// Attributes that people are found, or organisations told apart by, and that the daemon may not search and read there.
  public var unseenNames: [String] = []

  public init(uri: String, transport: Transport, identity: String) {
    self.uri = uri
    self.transport = transport
    self.identity = identity
  }

  /// RFC 4528, and the post-read of RFC 4527.
  public static let assertionControl = ServerProbe.assertionControl
  public static let postReadControl = "1.3.6.1.1.13.2"
}

public struct SharedFacts: Equatable, Sendable {
  public var schemaVersion: String?
  /// The newest time that a daemon has written, by its clock.
  public var stamped: Timestamp?
  /// When the entry was last changed, by the directory's clock.
  public var modified: Timestamp?

  public init(schemaVersion: String? = nil, stamped: Timestamp? = nil, modified: Timestamp? = nil) {
    self.schemaVersion = schemaVersion
    self.stamped = stamped
    self.modified = modified
  }
}

extension AccountDirectory {
  /// Of `drawbridgeSchemaVersion`: what this build was made for.
  public static let schemaVersion = "1"

  /// Every configured server, in the order of preference; an error where it could not be looked at.
  public func examine() async -> [(uri: String, facts: Result<ServerFacts, DirectoryError>)] {
    let settings = settings
    let seen = await servers.each { server, connection throws(DirectoryError) in
      try await ServerProbe(connection).facts(of: server, settings)
    }
    return seen.map { ($0.server.uri, $0.result) }
  }
}

extension ServerProbe {
  func facts(
    of server: Server, _ settings: AccountDirectory.Settings
  ) async throws(DirectoryError) -> ServerFacts {
    let identity = connection.identity
    var facts = ServerFacts(
      uri: server.uri, transport: server.transport,
      identity: identity.hasPrefix("dn:") ? String(identity.dropFirst(3)) : identity)
    let root = try await read("", ["supportedControl", "subschemaSubentry"])
    facts.controls = Set(root.values("supportedControl").map { String(decoding: $0, as: UTF8.self) })
    try await readSchema(root.string("subschemaSubentry") ?? "cn=Subschema", into: &facts)
    for dn in [settings.base, settings.people, settings.sharedEntry] {
      if !facts.hidden.contains(dn), try await readIfPresent(dn, [.objectClass]) == nil { facts.hidden.append(dn) }
    }
    if let shared = try await readIfPresent(
      settings.sharedEntry,
      ["drawbridgeSchemaVersion", "drawbridgeLastSweep", "drawbridgeSweepBegun", "modifyTimestamp"])
    {
      let stamps: [Attribute] = ["drawbridgeLastSweep", "drawbridgeSweepBegun"]
      facts.sharedEntry = SharedFacts(
        schemaVersion: shared.string("drawbridgeSchemaVersion"), stamped: stamps.compactMap(shared.time).max(),
        modified: shared.time("modifyTimestamp"))
    }
    // Many servers have no monitor, or show it to nobody.
    let current = try? await readIfPresent("cn=Current,cn=Time,cn=Monitor", ["monitorTimestamp"])
    facts.time = current?.time("monitorTimestamp")
    if facts.knowsAccounts { try await tryRights(settings, into: &facts) }
    return facts
  }

  private func readSchema(_ dn: String, into facts: inout ServerFacts) async throws(DirectoryError) {
    let schema = try await read(dn, ["attributeTypes", "objectClasses"])
    let known = schema.values("attributeTypes")
    func isKnown(_ attribute: Attribute) -> Bool { known.contains { Self.names(attribute.name, in: $0) } }
    facts.knowsAccounts = schema.values("objectClasses").contains { Self.names("drawbridgeAccount", in: $0) }
    facts.knowsPasswordPolicy = isKnown(.accountLockedTime)
    let ours = Attribute.ofAccount.filter { $0.name.hasPrefix("drawbridge") } + ["drawbridgeSchemaVersion"]
    facts.unknownAttributes = ours.filter { !isKnown($0) }.map(\.name)
  }

  /// The self-test of the access rules. A condition on an attribute that may not be searched is never true, and slapd
  /// says so with 122, as if the entry had changed. `(|(a=*)(!(a=*)))` holds for every entry, but not without that right.
  private func tryRights(
    _ settings: AccountDirectory.Settings, into facts: inout ServerFacts
  ) async throws(DirectoryError) {
    let some = Search(base: settings.base, filter: .isAccount, attributes: [.entryUUID], sizeLimit: 1)
    guard let account = try await connection.search(some).entries.first else { return }
    facts.account = account.dn
    let policy: [Attribute] = [.accountLockedTime, .passwordChangedTime]
    let wanted = Attribute.ofAccount.filter {
      $0.name.hasPrefix("drawbridge") || [.userPassword, .mail, .entryUUID, .passwordLastSuccess].contains($0)
        || (facts.knowsPasswordPolicy && policy.contains($0))
    }
    func shown(where filter: Filter, _ attribute: Attribute) async throws(DirectoryError) -> Entry? {
      let search = Search(base: account.dn, scope: .base, filter: filter, attributes: [attribute], sizeLimit: 1)
      return try await connection.search(search).entries.first
    }
    func maySearch(_ attribute: Attribute) async throws(DirectoryError) -> Bool {
      try await shown(where: .any([.present(attribute), .absent(attribute)]), attribute) != nil
    }
    for attribute in wanted where !facts.unknownAttributes.contains(attribute.name) {
      if try await !maySearch(attribute) { facts.unsearchable.append(attribute.name) }
    }
    for attribute in settings.loginAttributes + [settings.organisationAttribute].compactMap({ $0 }) {
      // Found, and not to be read; or not to be searched.
      let isSeen =
        if let found = try await shown(where: .present(attribute), attribute) {
          !found.values(attribute).isEmpty
        } else {
          try await maySearch(attribute)
        }
      if !isSeen { facts.unseenNames.append(attribute.name) }
    }
  }
}

extension Entry {
  fileprivate func time(_ attribute: Attribute) -> Timestamp? {
    value(attribute).flatMap { Timestamp(generalizedTime: $0) }
  }
}

extension Server {
  fileprivate var transport: ServerFacts.Transport {
    if uri.hasPrefix("ldapi:") { return .local }
    return uri.hasPrefix("ldaps:") || startTLS ? .tls : .clear
  }
}
