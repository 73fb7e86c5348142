/// What a step of a flow answers to an event: something to do, or its result.
enum Progress<Result: Equatable & Sendable>: Equatable, Sendable {
  case act(Action)
  case done(Result)
}

extension Account {
  /// What keeps an account from going on although its password was right; nil where nothing does.
  func objection(at now: Timestamp) -> Ending? {
    if deactivation != nil { return .deactivated(self) }
    if lock == .foreign { return .denied }
    return mustChangePassword ? .passwordExpired : nil
  }

  /// Whether a code may be mailed for this purpose.
  func mayReceiveCode(for purpose: MailedCodePurpose, rules: Rules, at now: Timestamp) -> Bool {
    switch (purpose, standing) {
    case (.firstLogin, .invited):
      invited.map { now < $0.adding(seconds: rules.invitationLifetimeSeconds) } ?? true
    case (.halfSetUp, .lacksAuthenticator): true
    case (.forgot, .active), (.forgot, .lacksPassword): true
    case (.firstLogin, _), (.halfSetUp, _), (.forgot, _): false
    }
  }

  /// What the owner is told by mail when a flow cannot be walked with this account.
  func notice(for purpose: MailedCodePurpose) -> Notice? {
    switch (purpose, standing) {
    case (_, .deactivated): .deactivated(self)
    case (.firstLogin, .active), (.firstLogin, .lacksPassword): .alreadySetUp(self)
    case (.firstLogin, .lacksAuthenticator), (.forgot, .lacksAuthenticator): .halfSetUp(self)
    case (.firstLogin, .invited): .invitationExpired(self)
    case (.forgot, .invited): .notSetUpYet(self)
    case (.firstLogin, .locked), (.halfSetUp, _), (.forgot, _): nil
    }
  }
}
