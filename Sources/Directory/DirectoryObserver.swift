/// Told of what becomes of the directory's servers and operations, for whoever counts. It is called from any thread, and
/// returns at once.
public protocol DirectoryObserver: Sendable {
  func connected(to uri: String)
  /// This server is not usable.
  func failed(_ uri: String)
  /// No server is.
  func foundNone()
  func ended(_ operation: DirectoryOperation, _ result: DirectoryOperation.Result, after duration: Duration)
}

public enum DirectoryOperation: String, Sendable, CaseIterable {
  case search
  /// One page of a search that may be about every entry.
  case page
  case modify, add

  public enum Result: String, Sendable, CaseIterable {
    case done
    /// The entry was not as the change assumed, not there, or there already.
    case conditionFailed = "condition-failed"
    case refused, unavailable, busy
    /// It may have been done: the answer did not come.
    case lost
  }
}

extension Connection.Answer {
  var result: DirectoryOperation.Result {
    switch self {
    case .found, .applied: .done
    case .conditionFailed, .noSuchObject, .alreadyExists: .conditionFailed
    }
  }
}

extension DirectoryError {
  var result: DirectoryOperation.Result {
    switch self {
    case .unavailable, .fenced: .unavailable
    case .lost: .lost
    case .busy: .busy
    case .refused, .unsuitable: .refused
    }
  }
}
