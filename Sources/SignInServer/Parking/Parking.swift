internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// `PARK` and `RESUME`: what a ticket says of the account, and whether that still holds.
extension SignInService {
  private static let ticketPurpose = "parked flow"
  /// A search takes far less, whether it finds anything or not.
  private static let lookUpFloor = Duration.milliseconds(50)

  enum Resumption {
    case flow(Ticket, Account?)
    /// For the audit: why the ticket is no longer good, and whose it was where that can be read.
    case void(why: String, Ticket?)
  }

  /// An authenticator over what would have changed if the flow, or another one of the same account, had come to its end.
  func seal(_ account: Account?) throws(SealFailure) -> [UInt8] {
    try keys.authenticator(purpose: Self.ticketPurpose, parts: Self.parts(account))
  }

  private static func parts(_ account: Account?) -> [[UInt8]] {
    guard let account else { return [] }
    func optional(_ bytes: [UInt8]?) -> [UInt8] { bytes.map { [1] + $0 } ?? [0] }
    return [
      account.id.bytes, optional(account.hash?.stored), optional(account.sealedSecret),
      optional(account.lastStep.map { Array(String($0).utf8) }),
      optional(account.deactivation.map { Array(($0.since?.generalizedTime ?? "").utf8) }),
      optional(account.lockedTime?.stored), optional(account.sessionsSince?.stored),
    ] + account.recoveryCodes.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The account of a flow in which nothing was right so far. Nobody shall learn by the time whether there is one.
  func accountToPark(_ login: [UInt8]) async throws(Later) -> Account? {
    let begun = ContinuousClock.now
    let found: Account?
    do throws(DirectoryError) { found = try await accounts.account(login: login) } catch { throw later(error) }
    await holdRefusal(of: login, since: begun, floor: min(refusalFloor, Self.lookUpFloor))
    return found
  }

  func drawNonce() throws(RandomFailure) -> [UInt8] { try random(KeyRing.nonceLength) }

  func resume(_ token: [UInt8], by owner: [UInt8]?) async throws(Later) -> Resumption {
    let ticket: Ticket
    do throws(SealFailure) { ticket = try Ticket(token: token, keys) } catch .unknownKey(let key) {
      logger.critical("a ticket is sealed under an unknown key (keys.ring)", metadata: ["key": "\(key)"])
      throw Later(reason: "keys", afterSeconds: 30)
    } catch {
      return .void(why: "no-ticket", nil)
    }
    guard ticket.owner == owner else { return .void(why: "another-peer", ticket) }
    let now = now()
    guard now < ticket.parked.adding(seconds: Ticket.lifetimeSeconds), now < ticket.flowEnds,
      ticket.parked <= now.adding(seconds: Ticket.clockSkewSeconds)
    else { return .void(why: "too-late", ticket) }
    let account = try await accountToPark(ticket.login)
    let isSame = (try? keys.verify(ticket.seal, purpose: Self.ticketPurpose, parts: Self.parts(account))) ?? false
    guard isSame else { return .void(why: "changed", ticket) }
    return .flow(ticket, ticket.flow.isProven ? account : nil)
  }
}
