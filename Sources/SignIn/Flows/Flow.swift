/// One walk of a user through a flow of the guide: a value that takes events and answers with what is to be done.
/// It does no I/O, knows no clock and draws nothing at random; `receive` is the whole of it.
public struct Flow: Equatable, Sendable {
  public enum Kind: Equatable, Sendable, CaseIterable {
    case signIn, firstLogin, forgotPassword, changePassword, replaceAuthenticator
  }

  private enum Walk: Equatable, Sendable {
    case signIn(SignInFlow)
    case firstLogin(FirstLogin)
    case forgotPassword(ForgotPassword)
    case changePassword(ChangePassword)
    case replaceAuthenticator(ReplaceAuthenticator)
  }

  public let kind: Kind
  private let rules: Rules
  private var walk: Walk

  public init(_ kind: Kind, rules: Rules, for abilities: Abilities = .plain) {
    self.kind = kind
    self.rules = rules
    walk =
      switch kind {
      case .signIn: .signIn(SignInFlow(for: abilities))
      case .firstLogin: .firstLogin(FirstLogin(for: abilities))
      case .forgotPassword: .forgotPassword(ForgotPassword(rules: rules))
      case .changePassword: .changePassword(ChangePassword(for: abilities))
      case .replaceAuthenticator: .replaceAuthenticator(ReplaceAuthenticator(for: abilities))
      }
  }

  public mutating func receive(_ event: Event, at now: Timestamp) -> Action {
    switch walk {
    case .signIn(var flow):
      defer { walk = .signIn(flow) }
      return flow.receive(event, at: now, rules: rules)
    case .firstLogin(var flow):
      defer { walk = .firstLogin(flow) }
      return flow.receive(event, at: now, rules: rules)
    case .forgotPassword(var flow):
      defer { walk = .forgotPassword(flow) }
      return flow.receive(event, at: now, rules: rules)
    case .changePassword(var flow):
      defer { walk = .changePassword(flow) }
      return flow.receive(event, at: now, rules: rules)
    case .replaceAuthenticator(var flow):
      defer { walk = .replaceAuthenticator(flow) }
      return flow.receive(event, at: now, rules: rules)
    }
  }

  /// Where the flow waits for an answer; nil while an effect is under way, and at its end.
  var waiting: Waiting? {
    switch walk {
    case .signIn(let flow): flow.waiting
    case .firstLogin(let flow): flow.waiting
    case .forgotPassword(let flow): flow.waiting
    case .changePassword(let flow): flow.waiting
    case .replaceAuthenticator(let flow): flow.waiting
    }
  }

  /// Goes to where a flow of this kind waited; false where none ever does.
  mutating func resume(_ waiting: Waiting) -> Bool {
    switch walk {
    case .signIn(var flow):
      defer { walk = .signIn(flow) }
      return flow.resume(waiting)
    case .firstLogin(var flow):
      defer { walk = .firstLogin(flow) }
      return flow.resume(waiting, rules: rules)
    case .forgotPassword(var flow):
      defer { walk = .forgotPassword(flow) }
      return flow.resume(waiting, rules: rules)
    case .changePassword(var flow):
      defer { walk = .changePassword(flow) }
      return flow.resume(waiting, rules: rules)
    case .replaceAuthenticator(var flow):
      defer { walk = .replaceAuthenticator(flow) }
      return flow.resume(waiting)
    }
  }
}
