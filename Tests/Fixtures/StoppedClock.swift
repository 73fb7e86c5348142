internal import Foundation

/// The clock of a daemon that `hasOwnClock`, standing still: replies that hold times are then the same every time.
public final class StoppedClock {
  private let path: String
  /// Seconds since 1970.
  public private(set) var time: Int

  /// Stands an hour ahead: by as much as it were behind the host's clock, libfaketime would delay every timer.
  public init(of daemon: Daemon) throws {
    path = "\(daemon.directory)/clock"
    time = Int(Date().timeIntervalSince1970) + 3600
    try write()
  }

  public func set(_ time: Int) throws {
    self.time = time
    try write()
  }

  public func advance(by seconds: Int) throws { try set(time + seconds) }

  /// A date without a sign before it stands still (faketime(1)). In place, and always of one length: who reads it
  /// meanwhile reads a whole one.
  private func write() throws {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
    let text = Array(formatter.string(from: Date(timeIntervalSince1970: Double(time))).utf8) + [0x0A]
    let file = open(path, O_WRONLY)
    defer { close(file) }
    guard pwrite(file, text, text.count, 0) == text.count else { throw FixtureError("\(path): \(errno)") }
  }
}
