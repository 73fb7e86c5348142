import Fixtures
import Foundation

/// The configuration of a daemon that runs, to be changed under it.
extension Daemon {
  var configuration: String { "\(directory)/drawbridged.toml" }

  func change(_ text: String, to other: String) throws {
    let before = try String(contentsOfFile: configuration, encoding: .utf8)
    guard before.contains(text) else { throw FixtureError("\(text): not in the configuration") }
    try before.replacingOccurrences(of: text, with: other)
      .write(toFile: configuration, atomically: true, encoding: .utf8)
  }

  /// The reply to `RELOAD`.
  func reload() throws -> String { try adminClient().send("RELOAD") }

  func status() throws -> String { try adminClient().send("STATUS") }
}
