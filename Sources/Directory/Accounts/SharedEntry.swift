internal import Logging
public import SignIn

/// What the daemons of one directory tell each other, in the shared entry.
extension AccountDirectory {
  /// Tells all daemons, and administrators, when the last sweep came to its end.
  public func recordSweep(at now: Timestamp) async {
    do throws(DirectoryError) {
      let answer = try await servers.connection().connection.modify(
        dn: settings.sharedEntry, [.set("drawbridgeLastSweep", now.generalizedTime)], if: .present(.objectClass))
      if case .applied = answer { return }
      throw .unsuitable("\(settings.sharedEntry) does not exist (directory.shared-entry)")
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
