import ArgumentParser
import Glibc
import Wire

/// The own session, and where the daemon is asked about it.
struct OwnSession: ParsableArguments {
  @Option(
    help: "The socket of the daemon. Else $DRAWBRIDGE_SOCKET, else \(Socket.signIn.standardPath).",
    completion: .file())
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "The file of the session, from signin --session-file. Else $DRAWBRIDGE_SESSION has its token.", valueName: "file"),
    completion: .file())
  var sessionFile: String?

  var path: String { Socket.signIn.path(socket) }

  func token(on terminal: Terminal) throws(ExitCode) -> [UInt8] {
    do throws(SessionFile.Failure) {
      if let token = try SessionFile.token(sessionFile) { return token }
    } catch {
      terminal.tell(error.text.withoutControls, .bad)
      throw ExitCode(EX_NOINPUT)
    }
    terminal.tell("Name a session: --session-file, or $DRAWBRIDGE_SESSION.", .bad)
    throw ExitCode(EX_USAGE)
  }
}

struct SessionStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session",
    abstract: "Tell whose a session is, and whether it still holds.",
    discussion: """
      Where sessions end when they are idle, this keeps it from ending, and writes its new token to the file.

      Example:
        drawbridge session --session-file FILE
      In a script of the service wiki, with all that the daemon tells:
        drawbridge session --session-file FILE --service wiki --json
      """)

  @OptionGroup var own: OwnSession

  @Option(help: "The service that asks. A session may be for one service alone.")
  var service: String?

  @Flag(help: "Print the reply as JSON, for scripts: a new token and a signed one, too.")
  var json = false

  func run() throws {
    let terminal = Terminal()
    let token = try own.token(on: terminal)
    let reply = try terminal.converse(.session(token: token, service: service.map { Array($0.utf8) }), at: own.path)
    if reply.kind == .ok, let renewed = reply["session"], let file = own.sessionFile {
      try terminal.keeping { () throws(SessionFile.Failure) in
        try SessionFile.Draft(SessionFile(path: file)).keep(renewed)
      }
    }
    if json {
      terminal.say(JSON(reply).description)
    } else if reply.kind == .ok {
      let tokens = ["session", "jwt"]
      let shown = reply.fields.filter { !tokens.contains($0.name) }
      for line in Table(rows: shown.map { [$0.name, $0.value.shown] }).lines { terminal.say(line) }
    } else {
      terminal.refuse(reply)
    }
    throw reply.exitCode
  }
}

struct SignOut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signout",
    abstract: "End the own session.",
    discussion: """
      The file is removed. For all sessions of an account: drawbridge user signout.

      Example:
        drawbridge signout --session-file FILE
      """)

  @OptionGroup var own: OwnSession

  func run() throws {
    let terminal = Terminal()
    let reply = try terminal.converse(.signOut(token: try own.token(on: terminal)), at: own.path)
    terminal.showEnd(reply)
    if reply.kind == .ok, let file = own.sessionFile {
      try terminal.keeping { () throws(SessionFile.Failure) in try SessionFile(path: file).remove() }
    }
    throw reply.exitCode
  }
}
