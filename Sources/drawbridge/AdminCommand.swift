import ArgumentParser
import Glibc
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
    let place = try options.place.resolved(on: terminal)
    let reply = try terminal.converse(.admin(.init(request, as: place.session)), at: place.path)
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

/// Where the daemon is asked, and in whose session.
struct AdminSocket: ParsableArguments {
  @Option(
    help: "The admin socket of the daemon. Else $DRAWBRIDGE_ADMIN_SOCKET, else \(Socket.admin.standardPath).",
    completion: .file())
  var socket: String?

  @Option(
    help: ArgumentHelp(
      """
      For an organisation's administrator: the file of a session, from signin --service admin --session-file. Else \
      $DRAWBRIDGE_SESSION. The socket is then that of sign-ins.
      """, valueName: "file"), completion: .file())
  var sessionFile: String?

  /// The session, where one is named, and the socket that goes with it.
  func resolved(on terminal: Terminal) throws(ExitCode) -> (session: [UInt8]?, path: String) {
    do throws(SessionFile.Failure) {
      let session = try SessionFile.token(sessionFile)
      return (session, (session == nil ? Socket.admin : .signIn).path(socket))
    } catch {
      terminal.tell(error.text.withoutControls, .bad)
      throw ExitCode(EX_NOINPUT)
    }
  }
}

struct AdminOptions: ParsableArguments {
  @OptionGroup var place: AdminSocket

  @Flag(help: "Print the reply as JSON, for scripts; refusals, too.")
  var json = false

  /// For what organisations' administrators may not do.
  var socket: String { Socket.admin.path(place.socket) }
}
