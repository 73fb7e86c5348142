internal import Secrets

/// What a client of saslauthd asks: login, password, service and realm, each behind its length in two bytes, the most
/// significant first (Cyrus SASL, `saslauthd/ipc_unix.c`).
struct SaslauthdRequest: Equatable, Sendable {
  /// Longer fields are refused as soon as their length is there. A login holds 254 bytes, a name of a domain 253.
  static let fieldsMaxBytes = [256, 1024, 256, 256]

  let login: [UInt8]
  /// Password and code.
  let secret: Secret
  /// What asks: `ldap`, `smtp`, `imap`.
  let service: [UInt8]
  let realm: [UInt8]

  /// Clients cut a login at its `@`, and send what was behind it as the realm.
  var wholeLogin: [UInt8] {
    let at = UInt8(ascii: "@")
    return realm.isEmpty || login.contains(at) ? login : login + [at] + realm
  }
}

extension SaslauthdRequest {
  /// Cuts a request out of a stream, as it comes.
  struct Parser: Sendable {
    enum Outcome: Equatable, Sendable {
      case incomplete
      case request(SaslauthdRequest)
      case malformed
    }

    private var fields: [[UInt8]] = []
    private var bytes: [UInt8] = []
    private var isMalformed = false

    /// What comes behind a request is nobody's.
    mutating func take(_ more: some Sequence<UInt8>) -> Outcome {
      for byte in more where fields.count < SaslauthdRequest.fieldsMaxBytes.count && !isMalformed {
        bytes.append(byte)
        endField()
      }
      if isMalformed { return .malformed }
      guard fields.count == SaslauthdRequest.fieldsMaxBytes.count else { return .incomplete }
      return .request(
        SaslauthdRequest(login: fields[0], secret: Secret(fields[1]), service: fields[2], realm: fields[3]))
    }

    private mutating func endField() {
      guard bytes.count >= 2 else { return }
      let count = Int(bytes[0]) << 8 | Int(bytes[1])
      guard count <= SaslauthdRequest.fieldsMaxBytes[fields.count] else {
        isMalformed = true
        return
      }
      guard bytes.count == 2 + count else { return }
      fields.append(Array(bytes.dropFirst(2)))
      bytes.removeAll(keepingCapacity: true)
    }
  }
}

/// `OK`, or `NO` and why, behind its length. Clients look at the first two letters.
enum SaslauthdReply {
  static func encode(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(255))
    return [0, UInt8(bytes.count)] + bytes
  }
}
