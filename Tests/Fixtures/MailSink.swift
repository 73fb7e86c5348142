public import Foundation

/// A real SMTP server (aiosmtpd) on a loopback port; every message it takes becomes a file.
public final class MailSink: @unchecked Sendable {
  public let port: Int
  public let directory: String
  private let child: Child

  public init() throws {
    directory = try temporaryDirectory()
    port = try freePort()
    child = try Child(
      [
        "/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", "127.0.0.1:\(port)", "-c", "aiosmtpd.handlers.Mailbox",
        "\(directory)/box",
      ], in: directory, log: "\(directory)/log")
    let port = port
    try Fixtures.await("the mail server at \(port)") { TCP.accepts(port) ? true : nil }
  }

  public func end() {
    child.end()
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// All messages to an address (any, where nil), in the order of their names, which is that of arrival.
  public func messages(to address: String? = nil) -> [String] {
    let folder = "\(directory)/box/new"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.map { name -> (Date, String, String) in
      let path = "\(folder)/\(name)"
      let date = (try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date) ?? .distantPast
      return (date, name, (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
    }
    .sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { $0.2.replacingOccurrences(of: "=\n", with: "") }
    .filter { message in address.map { message.contains("X-RcptTo: \($0)\n") } ?? true }
  }

  /// The message number `count` (from 1) to an address whose text holds `text`.
  public func message(
    to address: String, holding text: String = "", number count: Int = 1, within seconds: TimeInterval = 20
  ) throws -> String {
    try Fixtures.await("mail \(count) to \(address) with '\(text)'", within: seconds) {
      let found = messages(to: address).filter { text.isEmpty || $0.contains(text) }
      return found.count >= count ? found[count - 1] : nil
    }
  }

  /// The six digits of the `count`th code that was mailed to an address, in whatever language.
  public func code(to address: String, number count: Int = 1) throws -> String {
    try Fixtures.await("code \(count) to \(address)", within: 20) {
      let codes = messages(to: address).compactMap { message in
        message.range(of: #"(code is|code est|Code lautet) ?: [0-9]{6}"#, options: .regularExpression)
          .map { String(message[$0].suffix(6)) }
      }
      return codes.count >= count ? codes[count - 1] : nil
    }
  }
}
