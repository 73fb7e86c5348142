/// One line from a client. It opens a flow, answers a flow's question, or stands outside of one.
///
/// Logins and values are the bytes that were percent-encoded on the line, any of 0 to 255 and never empty for a login:
/// whether they name anything is the server's to find out.
public enum Request: Sendable, Equatable {
  case open(Flow, login: [UInt8], context: Context)
  case answer(Answer)
  /// The QR code of the secret being enrolled.
  case qr(QRStyle)
  case cancel, help, ping, quit
  /// The flow, for another connection to go on with.
  case park
  case resume(ticket: [UInt8])
  /// Where help is to be had, in the language of a tag of BCP 47.
  case support(lang: [UInt8]?)
  /// Whether an account may be used by somebody whom another means has authenticated (a key of sshd).
  case account(login: [UInt8], service: [UInt8])
  /// Whether a session still holds, as far as a service is concerned.
  case session(token: [UInt8], service: [UInt8]?)
  /// Ends one session.
  case signOut(token: [UInt8])
  /// The public keys that tokens for others are signed with: `JWKS`.
  case keySet
  case admin(Admin)

  /// The flows, each by the verb that opens it.
  public enum Flow: String, Sendable, Equatable, CaseIterable {
    case signIn = "SIGNIN"
    case first = "FIRST"
    case forgot = "FORGOT"
    case change = "CHANGE"
    case reenrol = "REENROL"
  }

  /// What a client says of itself when it opens a flow. None of it is proof of anything.
  public struct Context: Sendable, Equatable {
    /// The address that the user came from, as the client claims.
    public var from: [UInt8]?
    /// Who asks: `sshd`, `portal`.
    public var service: [UInt8]?
    /// The language of texts, a tag of BCP 47.
    public var lang: [UInt8]?
    /// Nil where the client does not say: it walks the plain loop, and shows every text.
    public var can: Set<Capability>?

    public init(
      from: [UInt8]? = nil, service: [UInt8]? = nil, lang: [UInt8]? = nil, can: Set<Capability>? = nil
    ) {
      self.from = from
      self.service = service
      self.lang = lang
      self.can = can
    }
  }

  /// What a client can show or do beyond the plain loop of questions.
  public enum Capability: String, Sendable, Equatable, CaseIterable {
    /// Password and code are asked for together.
    case onePrompt = "one-prompt"
    /// What an authenticator app needs can be shown: a picture, or the secret to be typed.
    case qr
  }

  public enum QRStyle: String, Sendable, Equatable, CaseIterable {
    case text, svg
  }
}
