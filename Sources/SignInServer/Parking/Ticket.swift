internal import Secrets
internal import SignIn
internal import Wire

/// A flow that no connection holds: the client has it, sealed. Any daemon with the same keys goes on from there.
///
/// Base64url of version, peer, times, what the client said when it opened the flow, what the account was, and the flow,
/// sealed as `Sealing.swift` has it. No password is in it, and no tries: those are counted in the directory, so that who
/// resumes a ticket twice has no more of them.
struct Ticket: Equatable, Sendable {
  static let lifetimeSeconds: Int64 = 600
  /// So far may the clock of another daemon be ahead.
  static let clockSkewSeconds: Int64 = 60
  /// Of a login, and of each thing that a client says of itself.
  static let fieldMaxBytes = 254
  static let tokenMaxBytes = 3072

  /// Who parked it: nobody else may go on.
  let owner: [UInt8]
  let parked: Timestamp
  /// When the flow as a whole must be done.
  let flowEnds: Timestamp
  let login: [UInt8]
  let context: Request.Context
  /// Wrong answers so far, for the audit.
  let wrong: Int
  /// An authenticator (under the key ring) over the account as it was, or over there being none.
  let seal: [UInt8]
  let flow: ParkedFlow
}

extension Ticket {
  private static let version: UInt8 = 1
  /// In the place of an attribute's name, with no entry: so that it is never taken for something else that is sealed.
  private static let label = "parked flow"

  /// Nil where it would be too long.
  func token(_ keys: KeyRing, nonce: [UInt8]) -> String? {
    guard
      [owner, login, context.from ?? [], context.service ?? [], context.lang ?? [], seal]
        .allSatisfy({ $0.count <= Self.fieldMaxBytes })
    else { return nil }
    func field(_ bytes: [UInt8]) -> [UInt8] { [UInt8(clamping: bytes.count)] + bytes }
    func optional(_ bytes: [UInt8]?) -> [UInt8] { bytes.map(field) ?? [0xFF] }
    let can = context.can.map { 1 | ($0.contains(.onePrompt) ? 2 : 0) | ($0.contains(.qr) ? 4 : 0) } ?? 0
    let plain =
      [Self.version] + field(owner) + Self.bigEndian(parked.microseconds) + Self.bigEndian(flowEnds.microseconds)
      + field(login) + optional(context.from) + optional(context.service) + optional(context.lang)
      + [UInt8(can), UInt8(clamping: wrong)] + field(seal) + flow.bytes
    let sealed = try? keys.seal(Secret(plain), entryUUID: [], attribute: Self.label, nonce: nonce)
    return sealed.map { Base64URL.encode($0) }
  }

  /// Throws `.unknownKey` where another daemon's ring is newer, and else one of the two others for what is no ticket.
  init(token: [UInt8], _ keys: KeyRing) throws(SealFailure) {
    guard token.count <= Self.tokenMaxBytes, let blob = Base64URL.decode(token) else { throw .malformed }
    var rest = try keys.open(blob, entryUUID: [], attribute: Self.label).withBytes { Array($0) }[...]
    func take(_ count: Int) throws(SealFailure) -> [UInt8] {
      guard rest.count >= count else { throw .malformed }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    func byte() throws(SealFailure) -> UInt8 { try take(1).first ?? 0 }
    func optional() throws(SealFailure) -> [UInt8]? {
      let count = try byte()
      return count == 0xFF ? nil : try take(Int(count))
    }
    guard try byte() == Self.version else { throw .malformed }
    owner = try take(Int(try byte()))
    parked = Timestamp(microseconds: Self.number(try take(8)))
    flowEnds = Timestamp(microseconds: Self.number(try take(8)))
    login = try take(Int(try byte()))
    var context = Request.Context(from: try optional(), service: try optional(), lang: try optional())
    let can = try byte()
    if can & 1 != 0 {
      context.can = Set(Request.Capability.allCases.filter { can & ($0 == .onePrompt ? 2 : 4) != 0 })
    }
    self.context = context
    wrong = Int(try byte())
    seal = try take(Int(try byte()))
    guard let flow = ParkedFlow(rest) else { throw .malformed }
    self.flow = flow
  }

  private static func bigEndian(_ value: Int64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
  }

  private static func number(_ bytes: [UInt8]) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}
