internal import Secrets
internal import SignIn
internal import Wire

/// Flows speak in values, the line protocol in words. This is the dictionary.
extension SignInService {
  func reply(to ask: Ask, login: [UInt8], in language: Texts.Language) -> Reply {
    var fields: [Field]
    let word: String
    switch ask.prompt {
    case .password: (word, fields) = ("password", [Field("echo", "off")])
    case .code:
      let mask = Self.mask(login).map { [Field("to", $0)] } ?? []
      word = "code"
      fields =
        mask + [
          Field("expires", Int(rules.codeLifetimeSeconds)), Field("digits", Rules.codeDigits), Field("echo", "on"),
        ]
    case .newPassword:
      word = "new-password"
      let rule = ask.profile.map { PasswordRule(profile: $0) } ?? rules.password
      fields = [
        Field("min", rule.lengthMin), Field("max", rule.lengthMax), Field("classes", rule.classesMin),
        Field("of", PasswordRule.classes), Field("echo", "off"),
      ]
    case .confirmPassword: (word, fields) = ("confirm-password", [Field("echo", "off")])
    case .totp: (word, fields) = ("totp", [Field("digits", 6), Field("period", 30), Field("echo", "on")])
    case .combined: (word, fields) = ("combined", [Field("digits", Rules.codeDigits), Field("echo", "off")])
    case .enrol(let uri, let secret):
      (word, fields) = ("enrol", [Field("uri", uri), Field("secret", secret), Field("echo", "on")])
    }
    if let refused = ask.refused { fields.append(Field("refused", Self.word(refused))) }
    if let left = ask.left { fields.append(Field("left", left)) }
    return .ask(word, fields, text: language.text(for: ask))
  }

  /// - Parameter session: the fields of a session that was opened.
  func reply(
    to ending: Ending, login: [UInt8], in language: Texts.Language, session: [Field] = []
  ) -> Reply {
    let text = language[Text(ending)]
    switch ending {
    case .signedIn(let account, let recovery):
      let previous = account.lastSignIn.map { [Field("previous", $0.rfc3339)] } ?? []
      return .ok("signed-in", Self.names(of: account, with: Self.fields(recovery)) + session + previous, text: text)
    case .enrolled(let account, let recovery):
      return .ok("enrolled", Self.names(of: account, with: Self.fields(recovery)), text: text)
    case .passwordChanged(let account): return .ok("password-changed", Self.names(of: account), text: text)
    case .denied: return .no("denied", text: text)
    case .deactivated(let account):
      let contact = rules.organisations.organisation(of: account)?.contact ?? texts.contact
      return .no("deactivated", contact.map { [Field("contact", $0)] } ?? [], text: text)
    case .locked(let seconds): return .no("locked", [Field("after", Int(seconds))], text: text)
    case .passwordExpired: return .no("password-expired", text: text)
    case .unsupported: return .no("unsupported", text: text)
    }
  }

  /// Whom an `OK` is about: a client compares. A field that does not fit its line is left out: what is shown this once
  /// comes before what may be long.
  static func names(of account: Account, with shownOnce: [Field] = []) -> [Field] {
    let login = [("login", account.mail ?? account.uid), ("uid", account.uid)]
      .compactMap { name, value in value.map { Field(name, $0) } }
    return login + shownOnce + [Field("dn", account.dn)]
  }

  /// `recovery=`, the codes with commas between them.
  private static func fields(_ recovery: RecoveryCodes) -> [Field] {
    guard !recovery.shown.isEmpty else { return [] }
    let codes = recovery.shown.map { $0.withBytes { Array($0) } }
    return [Field("recovery", Array(codes.joined(separator: [UInt8(ascii: ",")])))]
  }

  /// - Parameter language: the standard one, unless given.
  func reply(to later: Later, in language: Texts.Language? = nil) -> Reply {
    metrics.count { $0.later.add(later.reason) }
    return .later(later.reason, after: later.afterSeconds, text: (language ?? texts.standard)[Text(later)])
  }

  private static func word(_ refusal: Ask.Refusal) -> String {
    switch refusal {
    case .wrong: "wrong"
    case .reused: "reused"
    case .expired: "expired"
    case .tooSoon: "too-soon"
    case .password(let objection): objection.rawValue
    }
  }

  /// `j***@example.org`: of what was typed, never of what is stored.
  private static func mask(_ login: [UInt8]) -> [UInt8]? {
    guard let at = login.lastIndex(of: UInt8(ascii: "@")), at > 0, let first = login.first else { return nil }
    return [first] + Array("***".utf8) + login[at...]
  }
}
