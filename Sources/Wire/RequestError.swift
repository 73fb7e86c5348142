/// Why a line is no request. Nothing in it comes from the line: what was typed there may have been a password.
public enum RequestError: Error, Sendable, Equatable, CaseIterable {
  /// A NUL, a CR or LF inside the line, a byte above 0x7F outside of a password, or a password that is not UTF-8.
  case badByte
  /// Longer than ``LineLimit/lineMaxBytes``; for transports, which see it before there is a line to parse.
  case lineTooLong
  case unknownVerb
  /// An argument of the verb is not there, or empty.
  case missingArgument
  /// More arguments than the verb takes, one that it does not know, or one space too many.
  case unexpectedArgument
  case unknownField
  /// A field twice: which one counts would be a guess.
  case repeatedField
  case unknownCapability
  /// A `%` without two hexadecimal digits after it.
  case badEncoding

  /// The reason of the `ERR`.
  public var word: String {
    switch self {
    case .badByte: "bad-byte"
    case .lineTooLong: "line-too-long"
    case .unknownVerb: "unknown-verb"
    case .missingArgument: "missing-argument"
    case .unexpectedArgument: "unexpected-argument"
    case .unknownField: "unknown-field"
    case .repeatedField: "repeated-field"
    case .unknownCapability: "unknown-capability"
    case .badEncoding: "bad-encoding"
    }
  }

  /// A sentence for the client's author.
  public var text: String {
    switch self {
    case .badByte: "The line holds a byte that it must not hold."
    case .lineTooLong: "The line is longer than \(LineLimit.lineMaxBytes) bytes."
    case .unknownVerb: "There is no such verb. HELP lists them."
    case .missingArgument: "An argument is missing."
    case .unexpectedArgument: "There is an argument that the verb does not take."
    case .unknownField: "There is a field that the verb does not know."
    case .repeatedField: "A field stands there twice."
    case .unknownCapability: "The field can= names something unknown."
    case .badEncoding: "A % is not followed by two hexadecimal digits."
    }
  }

  /// Whether the connection closes after the `ERR`: with such a line nobody knows where the next one begins.
  public var endsConnection: Bool {
    self == .badByte || self == .lineTooLong
  }
}
