/// Why the directory gave no answer. None of these says anything about a credential: all are `LATER` to a client.
public enum DirectoryError: Error, Equatable, Sendable {
  /// No server could be reached, or it would not serve now. The operation was certainly not applied.
  case unavailable(String)
  /// The connection died, or the deadline passed, while the answer was awaited: the operation may have been applied.
  case lost(String)
  /// After a change of the provider: what may have been used on the one before is good again in so many seconds, or
  /// void by then.
  case fenced(seconds: Int)
  /// Too much is under way.
  case busy
  /// The server refused what Drawbridge is set up to do: an operator has to mend something.
  case refused(code: Int32, String)
  /// The server lacks what Drawbridge needs, or holds what it cannot use; the text names the setting.
  case unsuitable(String)

  /// For the log. Holds no value of any attribute.
  public var text: String {
    switch self {
    case .unavailable(let why), .lost(let why), .unsuitable(let why): why
    case .busy: "too many directory operations are under way (directory.operations-max)"
    case .fenced(let seconds):
      "for \(seconds) s after a change of the directory server, no code counts that may have been used on the one before"
    case .refused(let code, let why): "the directory answered \(code): \(why)"
    }
  }
}
