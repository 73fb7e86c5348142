/// A plain-text message for one recipient, whose values cannot break out of their header fields.
public struct Message: Sendable, Equatable {
  /// RFC 5321, section 4.5.3.1.3: a path of 256 octets, its angle brackets included.
  public static let addressMaxBytes = 254
  public static let subjectMaxBytes = 400
  public static let bodyMaxBytes = 65_536

  public let recipient: String
  public let subject: String
  public let body: String

  /// - Parameters:
  ///   - recipient: an address as ``isAddress(_:)`` has it.
  ///   - subject: 1...``subjectMaxBytes`` bytes of UTF-8 without control characters and line breaks.
  ///   - body: up to ``bodyMaxBytes`` bytes of UTF-8; lines end in LF, and of the control characters only HT may stand.
  /// - Throws: ``MailError/unsendable(_:)``, which names the part and not its content.
  public init(recipient: String, subject: String, body: String) throws(MailError) {
    guard Self.isAddress(recipient) else { throw .unsendable("the recipient is no plain address") }
    guard 1...Self.subjectMaxBytes ~= subject.utf8.count, !subject.unicodeScalars.contains(where: Self.breaksHeader)
    else { throw .unsendable("the subject is empty, too long, or holds a control character") }
    guard body.utf8.count <= Self.bodyMaxBytes else { throw .unsendable("the body is too long") }
    guard !body.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 || $0 == 0x7F }) else {
      throw .unsendable("the body holds a control character")
    }
    self.recipient = recipient
    self.subject = subject
    self.body = body
  }

  /// Whether the text is a Mailbox of RFC 5321, section 4.1.2, in its plain form: printable ASCII, one `@` with
  /// something on both sides, no quoted local part, no address literal, and no leading `-`, which programs take for
  /// an option.
  public static func isAddress(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    return bytes.count <= addressMaxBytes && parts.count == 2 && !parts.contains { $0.isEmpty }
      && bytes.first != UInt8(ascii: "-")
      && bytes.allSatisfy { 0x21...0x7E ~= $0 && !specials.contains($0) }
  }

  /// The specials of RFC 5322, section 3.2.3, but for `@` and `.`.
  private static let specials = Set("()<>[]:;\\,\"".utf8)

  /// Controls of ASCII and of Latin-1, and Unicode's own line and paragraph separators.
  static func breaksHeader(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
    default: false
    }
  }
}
