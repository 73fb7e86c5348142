internal import CCurl

/// The mail server that takes every message (RFC 5321), reached anew for each.
public struct Relay: Sendable {
  public enum Encryption: Sendable, Equatable, CaseIterable {
    /// TLS or nothing, with a server whose certificate is verified (RFC 8314).
    case required
    /// TLS where it is offered; the server is verified only with a `caFile` (RFC 7435).
    case opportunistic
    case never
  }

  /// A user and a password for AUTH (RFC 4954); prints no password.
  public struct Login: Sendable, CustomStringConvertible, CustomReflectable {
    let user: String
    let password: [UInt8]

    /// - Parameter password: without NUL, which would end it early.
    public init(user: String, password: [UInt8]) throws(MailError) {
      guard !user.isEmpty, !password.isEmpty, !user.utf8.contains(0), !password.contains(0) else {
        throw .unsendable("the mail server's user and password must be there, and hold no NUL")
      }
      self.user = user
      self.password = password
    }

    public var description: String { "\(user):********" }
    public var customMirror: Mirror { Mirror(self, children: ["user": user]) }
  }

  public struct Settings: Sendable {
    public var host: String
    public var port: Int
    /// TLS from the first byte (smtps, RFC 8314, section 3.3).
    public var isImplicitTLS: Bool
    public var encryption: Encryption
    public var sender: Sender
    public var login: Login?
    /// Certificates of authorities in PEM, in place of the host's.
    public var caFile: String?
    /// For everything: look-up, connect, TLS and dialogue.
    public var timeout: Duration

    public init(
      host: String, port: Int = 25, isImplicitTLS: Bool = false, encryption: Encryption, sender: Sender,
      login: Login? = nil, caFile: String? = nil, timeout: Duration = .seconds(10)
    ) {
      self.host = host
      self.port = port
      self.isImplicitTLS = isImplicitTLS
      self.encryption = encryption
      self.sender = sender
      self.login = login
      self.caFile = caFile
      self.timeout = timeout
    }
  }

  private let settings: Settings
  private let url: String

  /// - Throws: ``MailError/unsendable(_:)`` for a host that is neither a name nor an address, or a port that is none.
  public init(_ settings: Settings) throws(MailError) {
    let isHost =
      1...255 ~= settings.host.utf8.count
      && settings.host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: ":"):
          true
        default: false
        }
      }
    guard isHost, 1...65_535 ~= settings.port else { throw .unsendable("no such mail server can be") }
    let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
    self.settings = settings
    url = "\(settings.isImplicitTLS ? "smtps" : "smtp")://\(host):\(settings.port)"
  }

  /// Hands the message over and returns once the server has taken it.
  ///
  /// Blocks for as long as the timeout allows, so call it from a thread that may wait: ``Outbox`` has one.
  public func send(_ message: Message, stamp: Stamp) throws(MailError) {
    let bytes = Composition.bytes(of: message, from: settings.sender, stamp: stamp)
    try judge(transfer(bytes, to: message.recipient))
  }

  /// Whether the server answers, and TLS and login come about; no message is begun. Blocks as ``send(_:stamp:)`` does.
  public func greet() throws(MailError) {
    // Neither goes out: the transfer ends where the message would begin.
    try judge(transfer([0], to: settings.sender.address, onlyGreets: true))
  }

  private func judge(_ outcome: smtp_outcome) throws(MailError) {
    guard outcome.code != 0 else { return }
    let text = withUnsafeBytes(of: outcome.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let reply = outcome.response > 0 ? ", reply \(outcome.response)" : ""
    let reason = "\(url): \(text) (libcurl \(outcome.code)\(reply))"
    throw outcome.refused ? .permanent(reason) : .temporary(reason)
  }

  private func transfer(_ bytes: [UInt8], to recipient: String, onlyGreets: Bool = false) -> smtp_outcome {
    var outcome = smtp_outcome()
    let tls: smtp_tls =
      switch settings.encryption {
      case .required: SMTP_TLS_REQUIRED
      case .opportunistic: SMTP_TLS_OPPORTUNISTIC
      case .never: SMTP_TLS_NEVER
      }
    withText(url) { url in
      withText("<\(settings.sender.address)>") { sender in
        withText("<\(recipient)>") { recipient in
          withText(settings.login?.user) { user in
            withBytes(settings.login?.password) { password in
              withText(settings.caFile) { caFile in
                bytes.withUnsafeBufferPointer { content in
                  guard let url, let sender, let recipient, let start = content.baseAddress else { return }
                  var request = smtp_request(
                    url: url, sender: sender, recipient: recipient, user: user, password: password, ca_file: caFile,
                    tls: settings.isImplicitTLS ? SMTP_TLS_REQUIRED : tls, timeout_ms: timeoutMilliseconds,
                    bytes: start, length: content.count, only_greets: onlyGreets)
                  smtp_send(&request, &outcome)
                }
              }
            }
          }
        }
      }
    }
    return outcome
  }

  /// At least one, as 0 is libcurl's word for "for ever".
  private var timeoutMilliseconds: Int {
    let (seconds, attoseconds) = settings.timeout.components
    return max(1, Int(min(seconds, 3_600)) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}

/// The text with a NUL at its end, or NULL for none.
private func withText(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
  withBytes(text.map { Array($0.utf8) }, body)
}

private func withBytes(_ bytes: [UInt8]?, _ body: (UnsafePointer<CChar>?) -> Void) {
  guard let bytes else { return body(nil) }
  (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { body($0.baseAddress) }
}
