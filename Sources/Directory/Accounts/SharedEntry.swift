internal import Logging
public import SignIn

/// What the shared entry tells of sweeps, nil where it tells nothing.
public struct SharedTimes: Equatable, Sendable {
  /// When the last sweep ended, by the clock of its daemon.
  public var lastSweep: Timestamp?
  /// When anything of the entry was last written, by the directory's own clock.
  public var modified: Timestamp?
}

/// What the daemons of one directory tell each other, in the shared entry.
extension AccountDirectory {
  /// Throws `.unsuitable` where there is no such entry.
  public func sharedTimes() async throws(DirectoryError) -> SharedTimes {
    try await sharedTimes(on: servers.connection().connection)
  }

  /// Tells that a sweep begins. What was written then has `modified` as the directory's time of now.
  public func beginSweep(at now: Timestamp) async throws(DirectoryError) -> SharedTimes {
    let connection = try await servers.connection().connection
    try await write(.sweepBegun, now, on: connection)
    return try await sharedTimes(on: connection)
  }

  /// Tells all daemons, and administrators, when the last sweep came to its end.
  public func recordSweep(at now: Timestamp) async {
    do throws(DirectoryError) {
      try await write(.lastSweep, now, on: servers.connection().connection)
    } catch {
      logger.warning("the sweep was not recorded", metadata: ["reason": "\(error.text)"])
    }
  }

  /// What the daemon knows of its directory, for administrators. Throws where none can be reached.
  public func standing() async throws(DirectoryError) -> DirectoryStanding {
    let checked = try await servers.connection()
    let shared: [Attribute] = ["drawbridgeLastSweep", "drawbridgeSweepBegun"]
    let entry = try await checked.connection.search(
      Search(
        base: settings.sharedEntry, scope: .base, filter: .present(.objectClass), attributes: shared, sizeLimit: 1)
    )
    .entries.first
    let times = shared.map { entry?.value($0).flatMap { Timestamp(generalizedTime: $0) } }
    return DirectoryStanding(
      uri: checked.connection.uri, knowsPasswordPolicy: checked.traits.knowsPasswordPolicy,
      hasSharedEntry: entry != nil, lastSweep: times.first ?? nil, sweepBegun: times.last ?? nil)
  }

  private func sharedTimes(on connection: Connection) async throws(DirectoryError) -> SharedTimes {
    let search = Search(
      base: settings.sharedEntry, scope: .base, filter: .present(.objectClass),
      attributes: [.lastSweep, .modifyTimestamp], sizeLimit: 1)
    guard let entry = try await connection.search(search).entries.first else { throw noSharedEntry }
    let times = [Attribute.lastSweep, .modifyTimestamp].map {
      entry.value($0).flatMap { Timestamp(generalizedTime: $0) }
    }
    return SharedTimes(lastSweep: times[0], modified: times[1])
  }

  private func write(
    _ attribute: Attribute, _ now: Timestamp, on connection: Connection
  ) async throws(DirectoryError) {
    let answer = try await connection.modify(
      dn: settings.sharedEntry, [.set(attribute, now.generalizedTime)], if: .present(.objectClass))
    guard case .applied = answer else { throw noSharedEntry }
  }

  private var noSharedEntry: DirectoryError {
    .unsuitable(
      "\(settings.sharedEntry) does not exist, or is not the daemon's to write: add schema/shared.ldif, and load the "
        + "access rules (directory.shared-entry)")
  }
}

public struct DirectoryStanding: Sendable {
  public let uri: String
  /// slapd's ppolicy is loaded.
  public let knowsPasswordPolicy: Bool
  public let hasSharedEntry: Bool
  /// When a sweep last came to its end, and when it had begun.
  public let lastSweep: Timestamp?
  public let sweepBegun: Timestamp?
}
