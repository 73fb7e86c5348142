import ArgumentParser
import Wire

/// A command that changes one account after the other.
protocol ChangeCommand: ParsableCommand {
  static var verb: Request.Admin.AccountVerb { get }
  var accounts: AccountArguments { get }
  var options: AdminOptions { get }
  /// What to ask before, and whether to; nil where it is easily taken back.
  var confirmation: (question: String, Confirmation)? { get }
}

/// One that is not easily taken back.
protocol ConfirmedCommand: ChangeCommand {
  static var question: String { get }
  var consent: Confirmation { get }
}

extension ConfirmedCommand {
  var confirmation: (question: String, Confirmation)? { (Self.question, consent) }
}

extension ChangeCommand {
  var confirmation: (question: String, Confirmation)? { nil }

  func run() throws {
    let terminal = Terminal()
    if let (question, confirmation) = confirmation {
      try confirmation.obtain("\(question) \(accounts.told)?", on: terminal)
    }
    let place = try options.place.resolved(on: terminal)
    var worst = ExitCode.success
    let pipeline = try terminal.attempt { () throws(Failure) in
      let conversation = try Conversation(socket: place.path, terminal: terminal)
      return Pipeline<[UInt8]>(conversation.connection) { login, reply in
        worst.worsen(to: reply.exitCode)
        show(reply, about: login, on: terminal)
      }
    }
    let logins = try terminal.reading { () throws(InputError) in try accounts.input() }
    while let login = try terminal.reading({ () throws(InputError) in try logins.next() }) {
      do throws(Failure) {
        try pipeline.send(.admin(.init(.account(Self.verb, login: login), as: place.session)), about: login)
      } catch .unsendable(let error) {
        terminal.tell("\(Array(login.prefix(80)).shown): \(error.text)", .bad)
        worst.worsen(to: Failure.unsendable(error).exitCode)
      } catch {
        throw terminal.exitCode(telling: error)
      }
    }
    try terminal.attempt { () throws(Failure) in try pipeline.finish() }
    throw worst
  }

  private func show(_ reply: Reply, about login: [UInt8], on terminal: Terminal) {
    if options.json {
      terminal.say(JSON(reply).description)
    } else if accounts.isOne {
      guard reply.kind == .ok else { return terminal.refuse(reply) }
      if let text = reply.text { terminal.say(text.withoutControls, .good) }
      for line in Table(rows: reply.fields.map { [$0.name, $0.value.shown] }).lines { terminal.say(line) }
    } else if reply.kind == .ok {
      terminal.say("\(login.shown): \(reply.word)\(reply.text.map { ". \($0.withoutControls)" } ?? "")", .good)
    } else {
      terminal.tell("\(login.shown): \(reply.text?.withoutControls ?? reply.word)", .bad)
    }
  }
}

extension User {
  struct Reactivate: ChangeCommand {
    static let verb = Request.Admin.AccountVerb.reactivate
    static let configuration = CommandConfiguration(
      abstract: "Let deactivated accounts sign in again.",
      discussion: """
        Password and authenticator app stay as they were. The clock of inactivity starts anew.

        Example:
          drawbridge user reactivate jane@example.org
          drawbridge user reactivate - < logins
        """)

    @OptionGroup var accounts: AccountArguments
    @OptionGroup var options: AdminOptions
  }

  struct Deactivate: ConfirmedCommand {
    static let question = "Deactivate"
    static let verb = Request.Admin.AccountVerb.deactivate
    static let configuration = CommandConfiguration(
      abstract: "Keep accounts from signing in until they are reactivated.",
      discussion: """
        Invited and exempt accounts, too. No mail is sent; who signs in is told after the right password.

        Example:
          drawbridge user deactivate jane@example.org
        """)

    @OptionGroup var accounts: AccountArguments
    @OptionGroup var consent: Confirmation
    @OptionGroup var options: AdminOptions
  }

  struct Unlock: ChangeCommand {
    static let verb = Request.Admin.AccountVerb.unlock
    static let configuration = CommandConfiguration(
      abstract: "Forget wrong tries, so that an account need not wait.",
      discussion: """
        Of passwords and of all codes. A lock of the directory itself (pwdAccountLockedTime) stays, and is told.

        Example:
          drawbridge user unlock jane@example.org
        """)

    @OptionGroup var accounts: AccountArguments
    @OptionGroup var options: AdminOptions
  }

  struct Reset: ConfirmedCommand {
    static let question = "Take password and authenticator away from"
    static let verb = Request.Admin.AccountVerb.reset
    static let configuration = CommandConfiguration(
      abstract: "Send accounts back to their first-time login.",
      discussion: """
        Password, authenticator app, codes and sessions are gone; the person is told by mail, and sets them up again. \
        Nobody chooses a password for somebody else.

        Example:
          drawbridge user reset jane@example.org
        """)

    @OptionGroup var accounts: AccountArguments
    @OptionGroup var consent: Confirmation
    @OptionGroup var options: AdminOptions
  }

  struct SignOut: ConfirmedCommand {
    static let question = "End every session of"
    static let verb = Request.Admin.AccountVerb.signOutAll
    static let configuration = CommandConfiguration(
      commandName: "signout",
      abstract: "End every session of accounts.",
      discussion: """
        Example:
          drawbridge user signout jane@example.org
        """)

    @OptionGroup var accounts: AccountArguments
    @OptionGroup var consent: Confirmation
    @OptionGroup var options: AdminOptions
  }
}
