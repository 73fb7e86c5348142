internal import Directory
internal import SignIn

/// What keeps replies from telling who has an account.
extension SignInService {
  /// Waits until a refusal may be released: at a floor above the work that it took, plus a part that is always the
  /// same for one login. Random jitter would average out.
  func holdRefusal(of login: [UInt8], since begun: ContinuousClock.Instant) async {
    metrics.count { $0.refusalsHeld.add() }
    let share = Int64(digest(of: login).last ?? 0)  // 0…255 of 2,560: up to a tenth of the floor
    try? await Task.sleep(until: begun + refusalFloor + refusalFloor * Int(share) / 2560, clock: .continuous)
  }

  /// As `deliver`, outside of the request.
  func tell(_ notice: Notice) { Task { await deliver(notice) } }

  /// Tells the owner by mail what the reply may not. What a stranger can set off has a
  /// budget, apart from that of the codes: nobody uses up the owner's.
  func deliver(_ notice: Notice) async {
    switch notice {
    case .passwordChanged, .enrolled, .authenticatorReplaced, .recoveryCodeUsed:
      postbox.post(notice)
    case .alreadySetUp(let account), .notSetUpYet(let account), .halfSetUp(let account),
      .invitationExpired(let account), .deactivated(let account), .failedAttempts(let account):
      guard rules.mail.verdict(on: account.tries[.notice], at: now()) == .open else { return }
      let outcome = try? await accounts.apply(.charging(account, .notice, at: now()))
      if outcome == .applied { postbox.post(notice) }
    }
  }
}
