internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// `PARK` and `RESUME`: what a ticket says of the account, and whether that still holds.
extension SignInService {
  private static let ticketPurpose = "parked flow"

  enum Resumption {
    case flow(Ticket, Account?)
    /// For the audit: why the ticket is no longer good, and whose it was where that can be read.
    case void(why: String, Ticket?)
  }

  /// An authenticator over what would have changed if the flow, or another one of the same account, had come to its end.
  /// Nil where nothing was right so far: then it is over nothing.
  func seal(_ account: Account?) throws(Later) -> [UInt8] {
    do throws(SealFailure) {
      return try keys.authenticator(purpose: Self.ticketPurpose, parts: try parts(account))
    } catch .unknownKey(let key) {
      throw sessions.unknownKey(key)
    } catch {
      throw Later(reason: "keys")
    }
  }

  /// The secret itself and what the recovery codes say, not their sealed forms: sealing them anew voids no ticket.
  private func parts(_ account: Account?) throws(SealFailure) -> [[UInt8]] {
    guard let account else { return [] }
    /// What is damaged stands for itself.
    func plain(_ stored: [UInt8], _ open: () throws(SealFailure) -> Secret) throws(SealFailure) -> [UInt8] {
      do throws(SealFailure) { return try open().withBytes { Array($0) } } catch .unknownKey(let key) {
        throw .unknownKey(key)
      } catch {
        return stored
      }
    }
    var secret: [UInt8]?
    if let sealed = account.sealedSecret {
      secret = try plain(sealed) { () throws(SealFailure) in
        try keys.authenticatorSecret(sealed, of: account.id)
      }
    }
    var codes: [[UInt8]] = []
    for code in account.recoveryCodes {
      codes.append(
        try plain(code) { () throws(SealFailure) in
          try keys.recoveryCodePlain(code, of: account.id)
        })
    }
    func optional(_ bytes: [UInt8]?) -> [UInt8] { bytes.map { [1] + $0 } ?? [0] }
    return [
      account.id.bytes, optional(account.hash?.stored), optional(secret),
      optional(account.lastStep.map { Array(String($0).utf8) }),
      optional(account.deactivation.map { Array(($0.since?.generalizedTime ?? "").utf8) }),
      optional(account.lockedTime?.stored), optional(account.sessionsSince?.stored),
    ] + codes.sorted { $0.lexicographicallyPrecedes($1) }
  }

  func drawNonce() throws(RandomFailure) -> [UInt8] { try random(KeyRing.nonceLength) }

  func resume(_ token: [UInt8], by owner: [UInt8]?) async throws(Later) -> Resumption {
    guard let owner else { return .void(why: "another-peer", nil) }
    let ticket: Ticket
    do throws(SealFailure) { ticket = try Ticket(token: token, keys) } catch .unknownKey(let key) {
      throw sessions.unknownKey(key)
    } catch {
      return .void(why: "no-ticket", nil)
    }
    guard ticket.owner == owner else { return .void(why: "another-peer", ticket) }
    let now = now()
    guard now < ticket.parked.adding(seconds: Ticket.lifetimeSeconds), now < ticket.flowEnds,
      ticket.parked <= now.adding(seconds: Ticket.clockSkewSeconds)
    else { return .void(why: "too-late", ticket) }
    // Where nothing was right yet, the flow is about nobody: what becomes of an account must not be read off its ticket.
    guard ticket.flow.isProven else { return .flow(ticket, nil) }
    let account = try await account(of: ticket.login)
    let isSame: Bool
    do throws(SealFailure) {
      isSame = try keys.verify(ticket.seal, purpose: Self.ticketPurpose, parts: try parts(account))
    } catch .unknownKey(let key) {
      throw sessions.unknownKey(key)
    } catch {
      isSame = false
    }
    return isSame ? .flow(ticket, account) : .void(why: "changed", ticket)
  }
}
