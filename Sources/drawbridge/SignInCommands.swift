import ArgumentParser
import Wire

/// A command that walks one flow.
protocol FlowCommand: ParsableCommand {
  static var flow: Request.Flow { get }
  var options: FlowOptions { get }
  /// Where the token of the session goes.
  var sessionFile: String? { get }
}

extension FlowCommand {
  var sessionFile: String? { nil }

  func run() throws {
    let service = options.service.map { Array($0.utf8) }
    let context = Request.Context(service: service, can: [.qr])
    let terminal = Terminal()
    // Made before anything is asked: a code is not to be used up in vain.
    let draft = try terminal.keeping { () throws(SessionFile.Failure) in
      try sessionFile.map { path throws(SessionFile.Failure) in try SessionFile.Draft(SessionFile(path: path)) }
    }
    let reply = try terminal.converse(
      .open(Self.flow, login: Array(options.login.utf8), context: context), at: options.path)
    terminal.showEnd(reply)
    if let draft, reply.kind == .ok {
      try terminal.keeping { () throws(SessionFile.Failure) in
        guard let token = reply["session"] else { throw SessionFile.Failure(text: "The daemon opened no session.") }
        try draft.keep(token)
      }
    }
    throw reply.exitCode
  }
}

struct FlowOptions: ParsableArguments {
  @Argument(help: "The mail address, or another name that the organisation signs in with.")
  var login: String

  @Option(help: "The socket of the daemon. Else $DRAWBRIDGE_SOCKET, else \(Socket.signIn.standardPath).")
  var socket: String?

  @Option(help: "The service that is signed in to, for the daemon's records.")
  var service: String?

  var path: String { Socket.signIn.path(socket) }

  func validate() throws {
    if login.isEmpty { throw ValidationError("LOGIN is empty.") }
  }
}

struct SignIn: FlowCommand {
  static let flow = Request.Flow.signIn
  static let configuration = CommandConfiguration(
    commandName: "signin",
    abstract: "Sign in with a password and a code.",
    discussion: """
      The code is the one that the authenticator app shows. Where that is not at hand, a recovery code does, once.

      Example:
        drawbridge signin jane@example.org
      From a script, one answer a line:
        drawbridge signin jane@example.org < answers
      An organisation's administrator, for the commands of drawbridge user:
        drawbridge signin jane@example.org --service admin --session-file FILE
      """)
  @OptionGroup var options: FlowOptions

  @Option(
    help: ArgumentHelp("Keep the session's token in this file, which nobody else may read.", valueName: "file"),
    completion: .file())
  var sessionFile: String?
}

struct FirstLogin: FlowCommand {
  static let flow = Request.Flow.first
  static let configuration = CommandConfiguration(
    commandName: "first",
    abstract: "Log in for the first time.",
    discussion: """
      A code comes by mail; then a password is chosen, and an authenticator app set up with a picture to scan.

      Example:
        drawbridge first jane@example.org
      """)
  @OptionGroup var options: FlowOptions
}

struct ForgotPassword: FlowCommand {
  static let flow = Request.Flow.forgot
  static let configuration = CommandConfiguration(
    commandName: "forgot",
    abstract: "Choose a new password when the old one is forgotten.",
    discussion: """
      The code of the authenticator app is asked for instead of the old password.

      Example:
        drawbridge forgot jane@example.org
      """)
  @OptionGroup var options: FlowOptions
}

struct ChangePassword: FlowCommand {
  static let flow = Request.Flow.change
  static let configuration = CommandConfiguration(
    commandName: "change",
    abstract: "Choose a new password, knowing the old one.",
    discussion: """
      The old password and the code of the authenticator app are asked for first.

      Example:
        drawbridge change jane@example.org
      """)
  @OptionGroup var options: FlowOptions
}

struct ReplaceAuthenticator: FlowCommand {
  static let flow = Request.Flow.reenrol
  static let configuration = CommandConfiguration(
    commandName: "reenrol",
    abstract: "Set up another authenticator app in place of the present one.",
    discussion: """
      The password is asked for first, then the code of the present app; where that is lost, a recovery code. Then there is \
      a picture to scan, and new recovery codes. The old app and the old codes are good until the end, and every session \
      is over then.

      Example:
        drawbridge reenrol jane@example.org
      """)
  @OptionGroup var options: FlowOptions
}
