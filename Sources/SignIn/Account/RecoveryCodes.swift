public import Secrets

/// The recovery codes that go with an authenticator: as they are shown, this once, and as they are stored.
public struct RecoveryCodes: Equatable, Sendable {
  /// An entry with more has them from elsewhere; no more are looked at.
  public static let countMax = 16
  public static let none = RecoveryCodes(shown: [], stored: [])

  public let shown: [Secret]
  /// An authenticator over each (`KeyRing`), in the same order.
  public let stored: [[UInt8]]

  public init(shown: [Secret], stored: [[UInt8]]) {
    self.shown = shown
    self.stored = stored
  }
}

/// An authenticator that a code of its own has proven, and what goes with it.
public struct Enrolment: Equatable, Sendable {
  public let secret: Secret
  /// The step of the code that proved it: it counts as used.
  public let step: Int64
  public let recovery: RecoveryCodes

  public init(_ secret: Secret, step: Int64, recovery: RecoveryCodes = .none) {
    self.secret = secret
    self.step = step
    self.recovery = recovery
  }
}
