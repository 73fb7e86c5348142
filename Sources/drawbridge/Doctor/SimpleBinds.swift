import Wire

/// Whether slapd lets people in with a password alone, past the authenticator and past a deactivation.
enum SimpleBinds {
  static func pastTheAuthenticator(_ anonymous: Result<Rights, Unseen>) -> Finding {
    let check = "access.simple-bind"
    switch anonymous {
    case .failure(let unseen): return .unseen(check, unseen)
    case .success(let rights):
      guard rights.of("userPassword") != nil else {
        return .unseen(check, Unseen("slapacl says nothing of userPassword"))
      }
      guard rights.mayBind("userPassword") else {
        return Finding(check, .good, "Nobody binds to slapd with the password of an account alone.")
      }
      return Finding(
        check, .note, "Accounts bind to slapd with their password alone, past the authenticator.",
        why: "Applications that bind as the user need it, and know of no second factor.",
        mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access-refuse-simple-bind.ldif")
    }
  }

  /// What ppolicy makes of `pwdAccountLockedTime`.
  enum Lock {
    /// There is no ppolicy.
    case none
    case holds, withoutEffect, unseen
  }

  /// - Parameters:
  ///   - sample: what anonymous may do in a deactivated account; nil where there is none.
  ///   - rules: of the accounts' database, in their order.
  static func ofDeactivated(
    sample: Result<Rights, Unseen>?, rules: [String], lock: Lock
  ) -> Finding {
    let check = "access.deactivated-bind"
    if lock == .holds { return Finding(check, .good, "Deactivated accounts are locked by ppolicy, for slapd, too.") }
    let canBind: Bool
    switch sample {
    case .success(let rights)?: canBind = rights.mayBind("userPassword")
    case .failure(let unseen)?: return .unseen(check, unseen)
    case nil:
      // Nobody to try it on: either of the two rules would be there, before the one that lets accounts bind.
      let rules = rules.map(AccessRule.init)
      let grant = rules.firstIndex { $0.isOurs && $0.attributes.contains("userpassword") && $0.grants("auth") }
      canBind = !rules[..<(grant ?? rules.count)].contains { $0.isOurs && $0.attributes.contains("userpassword") }
    }
    guard canBind else { return Finding(check, .good, "Deactivated accounts cannot bind to slapd.") }
    if lock == .unseen { return .unseen(check, Unseen("Whether ppolicy's locks hold could not be seen")) }
    return Finding(
      check, .warning, "Deactivated accounts still bind to slapd itself.",
      why: lock == .none
        ? "There is no ppolicy whose lock would stop them, and no access rule does."
        : "ppolicy's lock has no effect (ppolicy.lockout), and no access rule stops them.",
      mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access-deactivated-bind.ldif")
  }
}
