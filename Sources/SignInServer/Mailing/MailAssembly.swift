internal import Configuration
internal import Logging
internal import Mail
internal import Secrets
internal import SignIn
internal import Synchronization

/// Mail, from its settings.
extension Assembly {
  static func postbox(
    _ configuration: Configuration, _ organisations: Organisations, _ outbox: Outbox, logger: Logger
  ) throws(Failure) -> Postbox {
    let mail = configuration.mail
    let constants = [
      "product": mail.product, "support": mail.support ?? "", "contact": configuration.texts.contact ?? "",
    ]
    let templates = try asking { () throws(TemplateError) in
      try Templates(folder: mail.templates, constants: constants, standard: configuration.texts.language)
    }
    return Postbox(
      outbox: mail.server == nil ? nil : outbox, templates: templates, organisations: organisations, logger: logger)
  }

  /// One for the daemon's life: what waits in it goes to the mail server that is set when its turn comes.
  static func outbox(
    _ settings: MailSettings, _ relay: CurrentRelay, random: @escaping RandomBytes,
    now: @escaping @Sendable () -> Timestamp, _ metrics: Metrics, logger: Logger
  ) -> Outbox {
    let begun = ContinuousClock.now
    return Outbox(
      limits: Outbox.Limits(queueMax: settings.queueMax), clock: { ContinuousClock.now - begun },
      stamp: {
        let token = ((try? random(16)) ?? []).map { String($0, radix: 16) }.joined()
        return Stamp(date: now().seconds, token: token)
      },
      send: { message, stamp throws(MailError) in
        guard let relay = relay.value else { throw .permanent("mail is off (mail.server)") }
        try relay.send(message, stamp: stamp)
      },
      log: { event in
        metrics.mailed(event)
        logger.log(level: event.isFailure ? .error : .info, "mail", metadata: ["event": "\(event.told)"])
      })
  }

  /// Nil where mail is off.
  static func relay(_ mail: MailSettings) throws(Failure) -> Relay? {
    guard let server = mail.server, let from = mail.from else { return nil }
    let password = try asking { () throws(ConfigurationError) in
      try mail.passwordFile?.bytes() ?? []
    }
    return try asking { () throws(MailError) in
      try Relay(
        Relay.Settings(
          host: server.host, port: server.port, isImplicitTLS: server.isImplicitTLS,
          encryption: Relay.Encryption(mail.startTLS), sender: Sender(address: from, name: mail.fromName),
          login: try mail.user.map { user throws(MailError) in try Relay.Login(user: user, password: password) },
          caFile: mail.caFile, timeout: mail.timeout.duration))
    }
  }
}

/// The mail server as it is set now; nil where mail is off.
final class CurrentRelay: Sendable {
  private let current: Mutex<Relay?>

  init(_ relay: Relay?) { current = Mutex(relay) }

  var value: Relay? { current.withLock { $0 } }
  func set(_ relay: Relay?) { current.withLock { $0 = relay } }
}

extension Relay.Encryption {
  fileprivate init(_ setting: MailSettings.StartTLS) {
    switch setting {
    case .required: self = .required
    case .opportunistic: self = .opportunistic
    case .never: self = .never
    }
  }
}

extension Outbox.Event {
  fileprivate var isFailure: Bool {
    if case .sent = self { false } else { true }
  }

  fileprivate var told: String {
    switch self {
    case .sent(let recipient, let attempts): "sent to \(recipient) at attempt \(attempts)"
    case .postponed(let recipient, let pause, let error): "to \(recipient) again in \(pause): \(error)"
    case .dropped(let recipient, let attempts, let reason): "to \(recipient) dropped after \(attempts): \(reason)"
    case .full(let recipient): "to \(recipient) dropped: the queue is full (mail.queue-max)"
    }
  }
}
