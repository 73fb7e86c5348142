import ArgumentParser
import Wire

/// A command of one request on the admin socket.
protocol AdminCommand: ParsableCommand {
  var options: AdminOptions { get }
  var request: Request.Admin.Verb { get }
  /// What a person sees of an `OK`.
  func show(_ reply: Reply, on terminal: Terminal)
}

extension AdminCommand {
  func run() throws { try ask() }

  func ask() throws {
    let terminal = Terminal()
    let reply = try terminal.converse(.admin(.init(request)), at: Socket.admin.path(options.socket))
    if options.json {
      terminal.say(JSON(reply).description)
    } else if reply.kind == .ok {
      show(reply, on: terminal)
    } else {
      terminal.refuse(reply)
    }
    throw reply.exitCode
  }

  func show(_ reply: Reply, on terminal: Terminal) {
    if let text = reply.text { terminal.say(text.withoutControls, .good) }
    let table = Table(rows: reply.fields.map { [$0.name, $0.value.shown] })
    for line in table.lines { terminal.say(line) }
  }
}

struct AdminOptions: ParsableArguments {
  @Option(help: "The admin socket of the daemon. Else $DRAWBRIDGE_ADMIN_SOCKET, else \(Socket.admin.standardPath).")
  var socket: String?

  @Flag(help: "Print the reply as JSON, for scripts; refusals, too.")
  var json = false
}

/// The account that a command is about.
struct AccountArgument: ParsableArguments {
  @Argument(help: "The mail address of the account, or another name that the organisation signs in with.")
  var login: String

  var bytes: [UInt8] { Array(login.utf8) }

  func validate() throws {
    if login.isEmpty { throw ValidationError("LOGIN is empty.") }
  }
}
