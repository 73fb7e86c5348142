/// How the servers of the directory do, as this daemon sees them.
public struct DirectoryHealth: Equatable, Sendable {
  /// How many there are, in `directory.uris`.
  public var servers = 0
  /// The one that is used, or was last.
  public var uri: String?
  /// Those that are passed over for some seconds because they failed.
  public var resting: [String] = []
  /// Changes from one server to another, returns among them.
  public var failovers = 0
  /// Seconds for which codes are refused that may have been used on the server before.
  public var fencedSeconds = 0
}
