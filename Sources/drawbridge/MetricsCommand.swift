import ArgumentParser
import Wire

struct Metrics: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what the daemon has counted.",
    discussion: """
      The text that monitoring systems read (OpenMetrics 1.0). docs/operations.md tells what to watch. A daemon writes \
      it into a file by itself where metrics.file is set.

      Example:
        drawbridge metrics | grep drawbridge_flows
      """)

  @Option(
    help: "The admin socket of the daemon. Else $DRAWBRIDGE_ADMIN_SOCKET, else \(Socket.admin.standardPath).",
    completion: .file())
  var socket: String?

  func run() throws {
    let terminal = Terminal(endsWithReader: true)
    let reply = try terminal.attempt { () throws(Failure) in
      try Conversation(socket: Socket.admin.path(socket), terminal: terminal).run(.admin(.init(.metrics))) { item in
        terminal.say(item.text ?? "")
      }
    }
    guard reply.kind != .ok else { return }
    terminal.refuse(reply)
    throw reply.exitCode
  }
}
