import ArgumentParser
import Wire

struct Keys: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Change the daemon's keys, and show the public ones.",
    discussion: """
      A key is replaced in four steps, each on its own; nobody is kept from signing in:

        drawbridge keys add               a new key in the ring, which seals nothing yet
        drawbridge keys activate ID       it seals what is new
        drawbridge keys rotate            what is stored is sealed under it, too
        drawbridge keys retire ID         the old one leaves the ring

      After each change of the ring the daemon has to read it again. Where several hosts serve one directory, each step is \
      done on all of them before the next one. docs/keys.md describes it.
      """,
    subcommands: [
      KeysStatus.self, KeysAdd.self, KeysActivate.self, KeysRotate.self, KeysRetire.self, KeySet.self,
    ])

  struct KeySet: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "jwks",
      abstract: "Print the keys that signed tokens are verified with, as a JSON Web Key Set.",
      discussion: """
        Nothing in it is secret. The first key is the one that signs (jwt.keys).

        Example:
          drawbridge keys jwks > jwks.json
        """)

    @Option(
      help: "The socket of the daemon. Else $DRAWBRIDGE_SOCKET, else \(Socket.signIn.standardPath).",
      completion: .file())
    var socket: String?

    func run() throws {
      let terminal = Terminal()
      let reply = try terminal.converse(.keySet, at: Socket.signIn.path(socket))
      guard reply.kind == .ok else {
        terminal.refuse(reply)
        throw reply.exitCode
      }
      // RFC 7517, section 5.
      let keys = reply.items.map { JSON(Item($0.fields)).description }
      terminal.say("{\"keys\":[\(keys.joined(separator: ","))]}")
    }
  }
}
