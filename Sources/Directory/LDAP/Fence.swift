internal import SignIn

/// After a change of the provider, the new one may lack what the old one took last: a code that was used there would be
/// good once more. So whatever may have been used before the change is refused, until time has made it void or the new
/// one is known to have everything.
struct Fence: Equatable, Sendable {
  /// The last time step (RFC 6238) that may have been accepted elsewhere.
  let through: Int64

  /// One later step may have counted (`totp.window-forward`).
  init(at moment: Timestamp) { through = moment.timeStep + 1 }

  /// For how many seconds a change has to wait; nil where it need not.
  func holds(_ change: Change, at now: Timestamp) -> Int? {
    guard through >= now.timeStep, let use = change.use else { return nil }
    if case .step(let step) = use, step > through { return nil }
    return seconds(at: now)
  }

  /// What is left of it, 0 where it is over.
  func seconds(at now: Timestamp) -> Int {
    Int(Timestamp(seconds: (through + 1) * Timestamp.stepSeconds).secondsSince(now))
  }
}

extension Timestamp {
  fileprivate static let stepSeconds: Int64 = 30
  fileprivate var timeStep: Int64 { seconds / Self.stepSeconds }
}

extension Change {
  /// What is good once, and is used up by a change.
  fileprivate enum Use {
    case step(Int64)
    /// A mailed or a recovery code.
    case code
  }

  fileprivate var use: Use? {
    switch self {
    case .signIn(_, let step, _), .useStep(_, let step): .step(step)
    case .signInWithRecoveryCode, .useRecoveryCode, .useMailedCode: .code
    default: nil
    }
  }
}
