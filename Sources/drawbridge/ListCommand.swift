import ArgumentParser
import Glibc
import Wire

extension User {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List accounts.",
      discussion: """
        As they come out of the directory, in its order. What is asked for must all fit; nothing asked for is everybody.

        Example:
          drawbridge user list --idle-before 2025-06-30
          drawbridge user list --deactivated --json
        """)

    enum State: String, EnumerableFlag {
      case invited, halfSetUp, active, deactivated, locked

      static func help(for state: State) -> ArgumentHelp? {
        switch state {
        case .invited: "Those who have not logged in for the first time."
        case .halfSetUp: "Those who have a password or an authenticator, and lack the other."
        case .active: "Those who can sign in."
        case .deactivated: "Those who are deactivated."
        case .locked: "Those whom an administrator has locked in the directory."
        }
      }

      var word: String { self == .halfSetUp ? "half-set-up" : rawValue }
    }

    @Flag var state: State?
    @Option(help: ArgumentHelp("Not seen since: 2025-06-30, or 2025-06-30T09:15:00Z.", valueName: "date"))
    var idleBefore: String?
    @Flag(help: "Those who have never signed in.")
    var never = false
    @Option(help: ArgumentHelp("Those of one organisation.", valueName: "name"))
    var organisation: String?
    @OptionGroup var socket: AdminSocket
    @Flag(help: "Print one JSON object a line, for scripts.")
    var json = false

    private var criteria: [Field] {
      let fields = [
        ("state", state?.word), ("idle-before", idleBefore), ("never", never ? "yes" : nil),
        ("organisation", organisation),
      ]
      return fields.compactMap { name, value in value.map { Field(name, $0) } }
    }

    private static let columns = ["login", "uid", "state", "last-sign-in", "idle-since", "dn"]

    func run() throws {
      let terminal = Terminal(endsWithReader: true)
      let table = json ? nil : StreamedTable(header: Self.columns, on: terminal)
      let place = try socket.resolved(on: terminal)
      let request = Request.admin(.init(.list(criteria), as: place.session))
      let reply = try terminal.attempt { () throws(Failure) in
        try Conversation(socket: place.path, terminal: terminal).run(request) { item in
          if let table {
            table.add(Self.columns.map { item.shown($0) })
          } else {
            terminal.say(JSON(item).description)
          }
        }
      }
      guard reply.kind == .ok else {
        if json { terminal.say(JSON(reply).description) } else { terminal.refuse(reply) }
        throw reply.word == "bad-value" ? ExitCode(EX_USAGE) : reply.exitCode
      }
      guard let table else { return }
      table.flush()
      terminal.tell("\(reply.shown("count") ?? "0") accounts", .good)
    }
  }
}
