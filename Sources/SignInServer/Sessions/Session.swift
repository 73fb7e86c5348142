internal import Secrets
internal import SignIn

/// A sign-in that is still good for something, as its token tells. Nothing of it is kept anywhere else: the token is
/// sealed, and any daemon with the same keys can open it.
struct Session: Equatable, Sendable {
  /// Names this session alone among those of its account.
  static let idLength = 16
  /// A longer `service=` gets no session.
  static let serviceMaxBytes = 128
  static let tokenMaxBytes = 1024

  let id: [UInt8]
  let account: EntryUUID
  /// When the sign-in was complete.
  let issued: Timestamp
  /// When it was last in use, as far as its client keeps the tokens that it is given.
  var seen: Timestamp
  /// The end that nothing moves.
  let ends: Timestamp
  /// What the client called itself, `service=`; empty where it did not.
  let service: [UInt8]
  /// Over what ends the session when it changes: see ``Sessions``.
  let seal: [UInt8]
}

// MARK: - The token: base64url of version, key id, nonce, ciphertext and tag, sealed as `Sealing.swift` has it

extension Session {
  private static let version: UInt8 = 2
  /// In the place of an attribute's name, with no entry: so that neither is ever taken for the other.
  private static let label = "session token"

  func token(_ keys: KeyRing, nonce: [UInt8]) throws(SealFailure) -> String {
    let id = account.bytes
    guard id.count <= 255, service.count <= Self.serviceMaxBytes else { throw .malformed }
    let plain =
      [Self.version] + self.id + [issued, seen, ends].flatMap { Self.bigEndian($0.microseconds) }
      + [UInt8(id.count)] + id + [UInt8(service.count)] + service + seal
    return Base64URL.encode(try keys.seal(Secret(plain), entryUUID: [], attribute: Self.label, nonce: nonce))
  }

  /// Throws `.unknownKey` where another daemon's ring is newer, and else one of the two others for what is no token.
  init(token: [UInt8], _ keys: KeyRing) throws(SealFailure) {
    guard token.count <= Self.tokenMaxBytes, let blob = Base64URL.decode(token) else { throw .malformed }
    let plain = try keys.open(blob, entryUUID: [], attribute: Self.label).withBytes { Array($0) }
    var rest = plain[...]
    func take(_ count: Int) throws(SealFailure) -> [UInt8] {
      guard rest.count >= count else { throw .malformed }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    guard try take(1) == [Self.version] else { throw .malformed }
    id = try take(Self.idLength)
    issued = Timestamp(microseconds: Self.number(try take(8)))
    seen = Timestamp(microseconds: Self.number(try take(8)))
    ends = Timestamp(microseconds: Self.number(try take(8)))
    guard let name = String(validating: try take(Int(try take(1).first ?? 0)), as: UTF8.self) else { throw .malformed }
    account = EntryUUID(name)
    service = try take(Int(try take(1).first ?? 0))
    seal = Array(rest)
  }

  private static func bigEndian(_ value: Int64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
  }

  private static func number(_ bytes: [UInt8]) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}
