internal import Configuration
internal import Directory
internal import Logging
internal import SignIn
internal import Synchronization
internal import Wire

/// "Your user account will be inactivated after a prolonged period of inactivity (365 days)." One pass over what may
/// be due; every change is conditional, so several daemons may sweep at once and a sign-in that races it wins. A sweep
/// that is cut short leaves nothing half done: the next one goes on.
struct Sweep: Sendable {
  typealias Mode = Request.Admin.SweepMode

  enum Act: String, Sendable, CaseIterable {
    case deactivated, warned, reactivated, skipped
    case clockSet = "clock-set"
    case invitationDated = "invitation-dated"
    case wouldDeactivate = "would-deactivate"
    case wouldWarn = "would-warn"
    case wouldSetClock = "would-set-clock"
    case wouldDateInvitation = "would-date-invitation"
    case wouldReactivate = "would-reactivate"
  }

  /// What was, or would be, done about one account.
  struct Note: Sendable {
    let account: Account
    let act: Act
    var reason: String?
  }

  /// Answers false to stop the sweep.
  typealias Tell = (Note) async -> Bool

  struct Summary: Sendable {
    /// Accounts that were looked at, those that were only warned or not left out.
    var examined = 0
    var counts: [Act: Int] = [:]
    /// The record by which the deactivations can be taken back.
    var record: String?
    /// In a dry run: why the sweep would be refused.
    var refusal: Refusal?

    subscript(_ acts: Act...) -> Int { acts.reduce(0) { $0 + counts[$1, default: 0] } }
  }

  enum Outcome: Sendable {
    case swept(Summary)
    case refused(Refusal)
  }

  enum Failure: Error {
    case directory(DirectoryError)
    /// The record cannot be written; the text names the setting.
    case record(String)
    /// Nobody listens any more, or the daemon stops.
    case stopped

    var text: String {
      switch self {
      case .directory(let error): error.text
      case .record(let why): why
      case .stopped: "stopped"
      }
    }
  }

  let service: SignInService
  let inactivity: Inactivity
  let brake: Brake
  let protection: Protection
  let records: SweepRecords
  let pace: Pace
  let alarm = Alarm()

  var accounts: AccountDirectory { service.accounts }

  /// Tells of every act as it is done.
  ///
  /// - Parameter peer: who asked for it; nil for the daemon itself.
  func run(_ mode: Mode, for peer: Peer? = nil, tell: Tell) async throws(Failure) -> Outcome {
    let begun = ContinuousClock.now
    do throws(Failure) {
      let outcome = try await carryOut(mode, for: peer, tell: tell)
      if mode != .dryRun { service.metrics.swept(.success(outcome), took: .now - begun) }
      return outcome
    } catch {
      if mode != .dryRun { service.metrics.swept(.failure(error), took: .now - begun) }
      throw error
    }
  }

  private func carryOut(_ mode: Mode, for peer: Peer?, tell: Tell) async throws(Failure) -> Outcome {
    var round = Round(sweep: self, isDryRun: mode == .dryRun, peer: peer)
    do throws(DirectoryError) {
      round.exempt = try await protection.exempt(in: accounts)
      let refusal = try await objection(mode, exempt: round.exempt)
      if let refusal {
        switch mode {
        case .full:
          refuse(refusal, peer: peer)
          return .refused(refusal)
        case .dryRun: round.summary.refusal = refusal
        case .force:
          service.logger.warning(
            "the brake of the sweep was overridden", metadata: ["reason": "\(refusal.reason.rawValue)"])
        }
      }
      try await round.finishReactivations(tell)
      try await round.startTimes(tell)
      try await round.deactivate(tell)
      try await round.warn(tell)
    } catch {
      throw .directory(error)
    }
    if let failure = round.failure { throw failure }
    if mode != .dryRun {
      alarm.clear()
      await accounts.recordSweep(at: service.now())
    }
    return .swept(round.summary)
  }

  private func refuse(_ refusal: Refusal, peer: Peer?) {
    alarm.raise(refusal)
    service.logger.critical(
      "the sweep was refused: nobody is deactivated or warned", metadata: ["reason": "\(refusal.text)"])
    service.audit(
      AuditEvent(
        kind: .sweep, name: "sweep", result: "refused", peer: peer,
        facts: refusal.fields.map { ($0.name, $0.value) }))
  }

  /// The last refusal, until a sweep comes to its end.
  final class Alarm: Sendable {
    private let last = Mutex<Refusal?>(nil)

    var refusal: Refusal? { last.withLock { $0 } }
    fileprivate func raise(_ refusal: Refusal) { last.withLock { $0 = refusal } }
    fileprivate func clear() { last.withLock { $0 = nil } }
  }
}

extension Sweep {
  init(_ settings: InactivitySettings, service: SignInService) {
    self.init(
      service: service,
      inactivity: Inactivity(
        limitSeconds: settings.limit.seconds, warnSecondsBefore: settings.warnBefore.map(\.seconds),
        organisations: service.rules.organisations),
      brake: Brake(intervalSeconds: SweepTimes(settings)?.longestSeconds),
      protection: Protection(exemptGroup: settings.exemptGroup, service: service),
      records: SweepRecords(folder: settings.records),
      pace: Pace(changesPerSecond: settings.changesPerSecond))
  }
}
