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
}
