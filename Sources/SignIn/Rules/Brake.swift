/// Whether a sweep looks like that of an ordinary day. A wrong clock, or a wrong limit, would otherwise shut everybody out
/// overnight.
public struct Brake: Equatable, Sendable {
  /// So many may always go at once.
  public static let dueMax = 20
  /// Of the active accounts, where that is more.
  public static let dueMaxPercent = 5
  public static let toleranceSeconds: Int64 = 86_400

  public enum Reason: String, Sendable, CaseIterable {
    /// More accounts are due than ever are on an ordinary day.
    case tooMany = "too-many"
    /// The own clock is not the directory's.
    case directoryClock = "directory-clock"
    /// The last sweep ended in the future: a clock has gone back, or one was ahead.
    case lastSweepAhead = "last-sweep-ahead"
    /// The last sweep ended long before one was due: a clock has leapt, or no daemon ran.
    case lastSweepOld = "last-sweep-old"
  }

  /// What the clocks say, nil where one is not known.
  public struct Clocks: Equatable, Sendable {
    public var own: Timestamp
    public var directory: Timestamp?
    public var lastSweep: Timestamp?

    public init(own: Timestamp, directory: Timestamp? = nil, lastSweep: Timestamp? = nil) {
      self.own = own
      self.directory = directory
      self.lastSweep = lastSweep
    }
  }

  /// The longest time between two sweeps that the configuration knows; nil where nobody sweeps by the clock.
  public var intervalSeconds: Int64?

  public init(intervalSeconds: Int64?) { self.intervalSeconds = intervalSeconds }

  /// Why the clocks are not to be trusted.
  public func objection(to clocks: Clocks) -> Reason? {
    if let directory = clocks.directory {
      let apart = max(directory.secondsSince(clocks.own), clocks.own.secondsSince(directory))
      if apart > Self.toleranceSeconds { return .directoryClock }
    }
    guard let last = clocks.lastSweep else { return nil }
    if last > clocks.own.adding(seconds: Self.toleranceSeconds) { return .lastSweepAhead }
    guard let intervalSeconds else { return nil }
    let (longest, overflow) = intervalSeconds.addingReportingOverflow(Self.toleranceSeconds)
    return !overflow && last < clocks.own.adding(seconds: -longest) ? .lastSweepOld : nil
  }

  /// So many active accounts allow for `due` of them to go; nil where their number does not matter.
  public static func activeNeeded(for due: Int) -> Int? {
    guard due > dueMax else { return nil }
    let (needed, overflow) = due.multipliedReportingOverflow(by: 100 / dueMaxPercent)
    return overflow ? .max : needed
  }

  /// Why so many of the active accounts do not go at once.
  public static func objection(toDeactivating due: Int, of active: Int) -> Reason? {
    due > max(dueMax, active / (100 / dueMaxPercent)) ? .tooMany : nil
  }
}
