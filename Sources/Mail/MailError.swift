/// Why a message did not leave. The texts are for operators; they hold no password and no mailed code.
public enum MailError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The message itself was refused before any server was asked.
  case unsendable(String)
  /// No server, no answer in time, or a reply 4yz (RFC 5321, section 4.2.1): trying again may help.
  case temporary(String)
  /// A reply 5yz, a refused login, no trust in the server: trying again cannot help.
  case permanent(String)

  public var description: String {
    switch self {
    case .unsendable(let reason): "message refused: \(reason)"
    case .temporary(let reason): "not sent, may be tried again: \(reason)"
    case .permanent(let reason): "not sent: \(reason)"
    }
  }
}
