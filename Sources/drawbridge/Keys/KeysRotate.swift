import ArgumentParser
import Secrets
import Wire

struct KeysRotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Let the daemon seal everything under the active key.",
    discussion: """
      People sign in meanwhile. It may be cut short at any moment: the next one goes on with what is left. The exit status \
      is 1 where something is left, and where the ring can be read, and has another active key than the daemon.

      Example:
        drawbridge keys rotate
      """)

  @OptionGroup var ring: RingOption
  @OptionGroup var options: AdminOptions

  func run() throws {
    let terminal = Terminal()
    let shows = !options.json
    var stuck: [Item] = []
    let reply = try terminal.attempt { () throws(Failure) in
      try Conversation(socket: options.socket, terminal: terminal).run(.admin(.init(.keys(.rotate)))) { item in
        guard let dn = item.fields["dn"] else {
          if shows, let examined = item.fields["examined"], let resealed = item.fields["resealed"] {
            terminal.showProgress("\(resealed.shown) sealed anew, \(examined.shown) accounts seen")
          }
          return
        }
        stuck.append(item)
        guard shows else { return }
        terminal.showProgress(nil)
        terminal.tell("\(dn.shown): \(Self.reason(item))", .warning)
      }
    }
    terminal.showProgress(nil)
    // Where the ring cannot be read, nothing is said of it.
    let active = reply["active"].flatMap(KeyReport.number)
    let wanted = (try? ring.file.ring()).map { Int($0.activeKeyID) }
    let isBehind = reply.kind == .ok && active != nil && wanted != nil && active != wanted
    if isBehind, let active, let wanted {
      terminal.tell(
        "The daemon sealed under key \(active), and \(ring.ring) has \(wanted) as the active one.".withoutControls, .bad
      )
      if shows {
        terminal.tellToRead()
        terminal.say("Then rotate again.")
      }
    }
    let left = reply["left"].flatMap(KeyReport.number) ?? 0
    if options.json {
      var whole = reply
      whole.items = stuck
      terminal.say(JSON(whole).description)
    } else if reply.kind == .ok, !isBehind {
      let line = reply.fields.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", ")
      terminal.say(line, left == 0 ? .good : .warning)
      terminal.say(
        left == 0
          ? "Everything is under the active key. The old one may go: drawbridge keys retire ID"
          : "Something is left: the lines above say why, or another daemon has not read the ring. Rotate again.")
    } else if !isBehind {
      terminal.refuse(reply)
    }
    throw reply.kind == .ok && (left > 0 || isBehind) ? .failure : reply.exitCode
  }

  private static func reason(_ item: Item) -> String {
    guard let key = item.fields["key"]?.shown else { return "a value is damaged, and opens under no key" }
    return "a value is under key \(key), which the daemon has not got"
  }
}
