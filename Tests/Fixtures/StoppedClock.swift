internal import Foundation

/// The clock of a daemon that `hasOwnClock`, standing still: replies that hold times are then the same every time.
public final class StoppedClock {
  private let daemon: Daemon
  /// Seconds since 1970.
  public private(set) var time: Int

  /// Stands an hour ahead: by as much as it were behind the host's clock, libfaketime would delay every timer.
  public init(of daemon: Daemon) throws {
    self.daemon = daemon
    time = Int(Date().timeIntervalSince1970) + 3600
    try daemon.stopClock(at: time)
  }

  public func set(_ time: Int) throws {
    self.time = time
    try daemon.stopClock(at: time)
  }

  public func advance(by seconds: Int) throws { try set(time + seconds) }
}
