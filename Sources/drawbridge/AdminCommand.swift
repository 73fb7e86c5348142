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
    let reply = try terminal.converse(.admin(.init(request)), at: options.socket)
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

/// Where the daemon is asked.
struct AdminSocket: ParsableArguments {
  @Option(
    help: "The admin socket of the daemon. Else $DRAWBRIDGE_ADMIN_SOCKET, else \(Socket.admin.standardPath).",
    completion: .file())
  var socket: String?

  var path: String { Socket.admin.path(socket) }
}

struct AdminOptions: ParsableArguments {
  @OptionGroup var place: AdminSocket

  @Flag(help: "Print the reply as JSON, for scripts; refusals, too.")
  var json = false

  var socket: String { place.path }
}
