/// What the client of a flow can do beyond asking one thing after the other.
public struct Abilities: Equatable, Sendable {
  /// It asks for password and code together, at one prompt.
  public var asksOnce: Bool
  /// It can show what an authenticator app needs to be enrolled.
  public var enrols: Bool

  /// The plain loop: one question at a time, and every text shown.
  public static let plain = Abilities(asksOnce: false, enrols: true)

  public init(asksOnce: Bool, enrols: Bool) {
    self.asksOnce = asksOnce
    self.enrols = enrols
  }
}
