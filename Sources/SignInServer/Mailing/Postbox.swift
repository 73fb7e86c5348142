internal import Logging
internal import Mail
internal import SignIn

/// The mails that flows and sweeps send, outside of any request: a full queue or a dead server is for the log.
struct Postbox: Sendable {
  /// Nil where mail is switched off.
  let outbox: Outbox?
  let templates: Templates
  /// Each may have a contact of its own.
  let organisations: Organisations
  let logger: Logger

  /// - Parameter asked: the language of the flow. Whoever asked for a code reads it; what else is mailed may have been
  ///   set off by a stranger, whose language is not the owner's.
  func post(
    code: [UInt8], to account: Account, for purpose: MailedCodePurpose, lifetimeSeconds: Int64, asked: [UInt8]?
  ) {
    let template: Template =
      switch purpose {
      case .firstLogin: .firstLoginCode
      case .halfSetUp: .halfSetUpCode
      case .forgot: .forgotPasswordCode
      }
    let values = ["code": String(decoding: code, as: UTF8.self), "minutes": String(lifetimeSeconds / 60)]
    // Of no use once it has expired.
    post(template, to: account, values: values, lifetime: .seconds(lifetimeSeconds), asked: asked)
  }

  func post(_ notice: Notice) {
    switch notice {
    case .passwordChanged(let account): post(.passwordChanged, to: account)
    case .enrolled(let account): post(.enrolled, to: account)
    case .authenticatorReplaced(let account): post(.authenticatorReplaced, to: account)
    case .recoveryCodeUsed(let account, let left): post(.recoveryCodeUsed, to: account, values: ["left": String(left)])
    case .alreadySetUp(let account): post(.alreadySetUp, to: account)
    case .notSetUpYet(let account): post(.notSetUpYet, to: account)
    case .halfSetUp(let account): post(.halfSetUp, to: account)
    case .invitationExpired(let account): post(.invitationExpired, to: account)
    case .deactivated(let account): post(.deactivatedNotice, to: account)
    case .failedAttempts(let account): post(.failedAttempts, to: account)
    }
  }

  func post(
    _ template: Template, to account: Account, values: [String: String] = [:], rows: [[String: String]] = [],
    lifetime: Duration? = nil, asked: [UInt8]? = nil
  ) {
    guard let outbox, let message = message(template, to: account, values: values, rows: rows, asked: asked) else {
      return
    }
    outbox.post(message, lifetime: lifetime)
  }

  /// Nil, and logged, where there is none to be written.
  func message(
    _ template: Template, to account: Account, values: [String: String] = [:], rows: [[String: String]] = [],
    asked: [UInt8]? = nil
  ) -> Message? {
    guard let address = account.mail else {
      logger.error("an account has no mail address", metadata: ["id": "\(account.id)"])
      return nil
    }
    do throws(MailError) {
      var values = values.merging(["login": address]) { $1 }
      if let contact = organisations.organisation(of: account)?.contact { values["contact"] = contact }
      return try templates.message(
        template, to: address, values: values, rows: rows, languages: Self.languages(of: account, asked: asked))
    } catch {
      logger.error("a mail could not be written", metadata: ["id": "\(account.id)", "reason": "\(error)"])
      return nil
    }
  }

  /// The owner's own preference goes before what a flow asked for.
  private static func languages(of account: Account, asked: [UInt8]?) -> [String] {
    let own = account.preferredLanguage.map { LanguageTag.preferences($0) } ?? []
    let tags = own.isEmpty ? [asked.flatMap { LanguageTag($0) }].compactMap { $0 } : own
    return tags.flatMap(\.ranges).map(\.description)
  }
}
