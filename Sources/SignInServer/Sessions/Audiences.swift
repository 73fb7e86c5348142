internal import Configuration
internal import Directory
internal import SignIn

/// What each `[[service]]` decides about sessions. Services are what clients say as `service=`.
struct Audiences: Sendable {
  /// Those whose sessions are good for themselves alone.
  private let exclusive: Set<[UInt8]>
  /// The groups whose members alone may use a service, by its name.
  private let groups: [[UInt8]: String]

  init(_ tables: [ServiceTable]) {
    exclusive = Set(tables.filter { $0.sessions == .own }.map { Array($0.name.utf8) })
    groups = tables.reduce(into: [:]) { groups, table in groups[Array(table.name.utf8)] = table.group }
  }

  func admits(_ session: Session, for service: [UInt8]?) -> Bool {
    !exclusive.contains(session.service) || session.service == service
  }

  /// Whether the account may use the service that asks: one search of one entry, where that has a group.
  func admit(
    _ account: Account, to service: [UInt8]?, in directory: AccountDirectory
  ) async throws(DirectoryError) -> Bool {
    guard let service, let group = groups[service] else { return true }
    return try await directory.isMember(account, of: group)
  }
}
