internal import NIOCore

/// The end of a daemon, as its connections hear of it: what is under way is finished, and nothing new waits for long.
enum Drain {
  /// A client that was let in, or heard a reply, within so long before the beginning may say more until so long after
  /// it. From then on, a reply outside of a flow is the last one of its connection.
  static let grace = TimeAmount.seconds(2)
  /// For others, whose next line may be on its way.
  static let quiet = TimeAmount.milliseconds(100)
  /// How long a flow may go on.
  static let flowsEnd = TimeAmount.seconds(22)
  /// Whatever is not at its end by then is cancelled. A service manager has to wait longer than this and ``mail``.
  static let total = Duration.seconds(24)
  /// For mails that wait, at the very end.
  static let mail = Duration.seconds(5)

  /// The event that each channel is told, once.
  struct Begun: Sendable {}
}
