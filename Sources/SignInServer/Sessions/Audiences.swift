internal import Configuration

/// For whom sessions are good, as each `[[service]]` decides it. Services are what clients say as `service=`.
struct Audiences: Sendable {
  /// Those whose sessions are good for themselves alone.
  private let exclusive: Set<[UInt8]>

  init(_ tables: [ServiceTable]) {
    exclusive = Set(tables.filter { $0.sessions == .own }.map { Array($0.name.utf8) })
  }

  func admits(_ session: Session, for service: [UInt8]?) -> Bool {
    !exclusive.contains(session.service) || session.service == service
  }
}
