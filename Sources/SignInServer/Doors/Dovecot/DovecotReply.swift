/// What the server of Dovecot's authentication protocol says.
enum DovecotReply: Sendable {
  case challenge(id: UInt32, base64: String)
  case accepted(id: UInt32, user: [UInt8])
  case failed(id: UInt32, Failure)

  struct Failure: Equatable, Sendable {
    enum Code: String, Sendable {
      /// Nothing was decided.
      case temporary = "temp_fail"
      case authorization = "authz_fail"
      case disabled = "user_disabled"
      case expired = "pass_expired"

      /// The same to clients of version 1.1.
      fileprivate var flag: String {
        switch self {
        case .temporary: "temp"
        case .authorization: "authz"
        case .disabled, .expired: rawValue
        }
      }
    }

    /// Nil for wrong credentials.
    var code: Code?
    var user: [UInt8]?
    /// For people. What a client makes of it is its own matter; Postfix shows it.
    var reason: String?
  }

  func encode() -> [UInt8] {
    let words: [[UInt8]]
    switch self {
    case .challenge(let id, let base64): words = [Array("CONT".utf8), Self.digits(id), Array(base64.utf8)]
    case .accepted(let id, let user): words = [Array("OK".utf8), Self.digits(id), Self.pair("user", user)]
    case .failed(let id, let failure):
      let user = failure.user.map { Self.pair("user", $0) }
      let reason = failure.reason.map { Self.pair("reason", Array($0.utf8)) }
      let code = failure.code.map { [Array($0.flag.utf8), Self.pair("code", Array($0.rawValue.utf8))] } ?? []
      words = [Array("FAIL".utf8), Self.digits(id)] + [user, reason].compactMap { $0 } + code
    }
    return Self.line(words)
  }

  /// What is said first, and before the client has said anything.
  static func greeting(processID: Int32, connection: UInt64, cookie: [UInt8]) -> [UInt8] {
    let hexadecimal = cookie.map { byte in
      let digits = String(byte, radix: 16)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }
    let lines = [
      ["VERSION", "1", "2"], ["MECH", "PLAIN", "plaintext"], ["MECH", "LOGIN", "plaintext"],
      ["SPID", "\(processID)"], ["CUID", "\(connection)"], ["COOKIE", hexadecimal.joined()], ["DONE"],
    ]
    return lines.flatMap { line($0.map { Array($0.utf8) }) }
  }

  private static func digits(_ id: UInt32) -> [UInt8] { Array("\(id)".utf8) }

  private static func pair(_ name: String, _ value: [UInt8]) -> [UInt8] {
    Array("\(name)=".utf8) + DovecotEscape.escaped(value)
  }

  private static func line(_ words: [[UInt8]]) -> [UInt8] {
    Array(words.joined(separator: [UInt8(ascii: "\t")])) + [UInt8(ascii: "\n")]
  }
}
