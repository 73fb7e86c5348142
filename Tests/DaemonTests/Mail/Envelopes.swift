import Fixtures
import Foundation
import Secrets

extension MailSink {
  /// Whom each message went to by its envelope (RFC 5321, section 3.3), in the order of arrival; several in one string.
  var recipients: [String] { messages().map(Self.recipient) }

  static func recipient(of message: String) -> String {
    message.split(separator: "\n").first { $0.hasPrefix("X-RcptTo: ") }.map { String($0.dropFirst(10)) } ?? "nobody"
  }
}

extension House {
  private static let last = "last-mail-"

  /// The recipients of all mails that were on their way: a notice to somebody else is queued behind them, and awaited.
  func recipients() throws -> [String] {
    let last = try people("\(Self.last)\(UUID().uuidString.prefix(8).lowercased())")[0]
    try daemon.client().send("FIRST \(last.mail)")
    _ = try mail.message(to: last.mail)
    return mail.recipients.filter { !$0.hasPrefix(Self.last) }
  }
}
