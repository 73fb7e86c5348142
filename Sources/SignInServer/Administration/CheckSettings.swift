internal import Configuration
internal import Mail
internal import Wire

/// What the configuration decides, against this host.
enum CheckSettings {
  static func findings(of configuration: Configuration, hashCost: Duration?) -> [Finding] {
    [forgot(configuration.forgot), floor(configuration.limits, hashCost)]
  }

  private static func forgot(_ settings: ForgotSettings) -> Finding {
    if settings.mailCode {
      return Finding("settings.forgot-mail-code", .good, "Forgot-password asks for a mailed code before the app's.")
    }
    return Finding(
      "settings.forgot-mail-code", .note, "Forgot-password asks for the authenticator's code alone.",
      why: "It is the guide's way. Whoever holds the telephone can set the password; NIST SP 800-63B-4 (4.2.2.2) "
        + "wants a mailed code as well.",
      mend: "forgot.mail-code = true")
  }

  private static func floor(_ settings: LimitSettings, _ cost: Duration?) -> Finding {
    let check = "settings.refusal-floor"
    guard let cost else {
      return Finding(
        check, .unknown, "No hash could be measured: the hashing threads are busy, or memory is short.",
        why: "A floor below what a hash costs tells refusals apart.", mend: "drawbridge doctor, in a quieter hour")
    }
    let costMilliseconds = milliseconds(cost)
    guard settings.refusalFloor.duration < cost else {
      return Finding(
        check, .good, "No refusal comes before limits.refusal-floor; a hash takes \(costMilliseconds) ms here.")
    }
    return Finding(
      check, .warning,
      "A hash takes \(costMilliseconds) ms here, and limits.refusal-floor is \(settings.refusalFloor).",
      why: "The time of a refusal tells how much was verified before it, and so who has an account.",
      mend: "limits.refusal-floor = \"\(max(100, (2 * costMilliseconds + 99) / 100 * 100))ms\"")
  }

  /// - Parameter greeting: nil where mail is off.
  static func mail(_ settings: MailSettings, greeting: Result<Void, MailError>?) -> Finding {
    let why = "First-time logins need a mailed code; notices and invitations would wait, and be dropped."
    switch greeting {
    case nil:
      return Finding("mail.server", .warning, "Mail is off.", why: why, mend: "mail.server = \"smtp://localhost:25\"")
    case .success:
      return Finding("mail.server", .good, "\(settings.server?.description ?? "The mail server") answers.")
    case .failure(let error):
      return Finding(
        "mail.server", .bad, "The mail server cannot be used: \(error)", why: why,
        mend: "Look at mail.server, mail.start-tls, mail.ca-file and mail.user, and at the server's own log")
    }
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
