import Fixtures
import Foundation

/// A program on a pseudo-terminal: `terminal.py` holds it, and is spoken to as a daemon is.
final class Terminal {
  private let folder: String
  private let child: Child
  private let client: LineClient

  /// - Parameter noColor: the variable of no-color.org; empty is as if it were not set.
  init(_ command: [String], noColor: String = "") throws {
    let folder = try temporaryDirectory()
    self.folder = folder
    child = try Child(
      ["/usr/bin/python3", "\(repository)/Tests/DaemonTests/Terminal/terminal.py", "\(folder)/socket"] + command,
      in: folder, log: "\(folder)/log", environment: ["NO_COLOR": noColor])
    client = try Fixtures.await("the terminal") { try? LineClient("\(folder)/socket", greeting: false) }
  }

  deinit {
    child.end()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Waits for a text that was not there at the last call; answers all that the terminal has shown.
  @discardableResult
  func expect(_ text: String) throws -> String {
    let answer = try client.send("expect \(text)", within: 60)
    guard let shown = try? JSONDecoder().decode(String.self, from: Data(answer.utf8)) else {
      throw FixtureError("waited for \(text): \(try client.send("expect "))")
    }
    return shown
  }

  func type(_ text: String) throws { try client.send("type \(text)") }
  func press(_ key: UInt8) throws { try client.send("key \(key < 16 ? "0" : "")\(String(key, radix: 16))") }
  func echoes() throws -> Bool { try client.send("echo") == "on" }

  func waitForEcho(_ isOn: Bool) throws {
    try Fixtures.await("echo \(isOn ? "on" : "off")") { try echoes() == isOn ? true : nil }
  }

  /// The exit status, the negative number of a signal.
  func end() throws -> Int {
    let answer = try client.send("end", within: 60)
    guard let status = Int(answer) else { throw FixtureError("the program did not end") }
    return status
  }
}
