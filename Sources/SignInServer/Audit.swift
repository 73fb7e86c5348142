internal import Logging
internal import SignIn

/// What is told of each flow and of each act of an administrator: one line of the log. `docs/audit.md` lists them all.
///
/// It names accounts by entryUUID, never by what was typed: a password that landed in the wrong field would stand there.
struct AuditEvent: Sendable {
  enum Kind: String, Sendable { case flow, session, administration, sweep }

  let kind: Kind
  /// The flow, or the verb.
  let name: String
  let result: String
  var account: EntryUUID?
  /// Who asked: a peer of a Unix socket, or the daemon itself.
  var peer: Peer?
  /// The organisation's administrator in whose session it was asked.
  var administrator: EntryUUID?
  /// Further facts, each a constant name and a value that may be anybody's bytes.
  var facts: [(String, [UInt8])] = []
}

extension SignInService {
  func audit(_ event: AuditEvent) {
    metrics.count(event)
    var metadata: Logger.Metadata = [
      event.kind.rawValue: "\(event.name)", "result": "\(event.result)",
      "id": "\(event.account.map(\.description) ?? "-")", "peer": "\(event.peer.map(\.description) ?? "daemon")",
    ]
    if let administrator = event.administrator { metadata["administrator"] = "\(administrator)" }
    for (name, value) in event.facts { metadata[name] = "\(Self.printable(value))" }
    logger.log(level: event.kind == .flow || event.kind == .session ? .info : .notice, "audit", metadata: metadata)
  }

  /// No control bytes, no blanks, no end of the line, and no more than 128 bytes.
  private static func printable(_ value: [UInt8]) -> String {
    value.prefix(128).map { (0x21...0x7E).contains($0) ? String(UnicodeScalar($0)) : "?" }.joined()
  }
}
