import ArgumentParser
import Secrets
import Wire

struct KeysStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the keys, and how much is sealed under each.",
    discussion: """
      The daemon counts what is in the directory. Where the ring can be read, too, it is told whether the daemon has read it \
      as it is. The exit status is 1 where something is under a key that the daemon has not got.

      Example:
        drawbridge keys status
      """)

  @OptionGroup var ring: RingOption
  @OptionGroup var options: AdminOptions

  func run() throws {
    let terminal = Terminal()
    let reply = try terminal.converse(.admin(.init(.keys(.status))), at: options.socket)
    let unknown = reply.items.contains { $0.fields["state"]?.shown == "unknown" }
    if options.json {
      terminal.say(JSON(reply).description)
    } else if reply.kind == .ok {
      show(reply, on: terminal)
    } else {
      terminal.refuse(reply)
    }
    throw unknown ? .failure : reply.exitCode
  }

  private func show(_ reply: Reply, on terminal: Terminal) {
    let columns = ["key", "state", "secrets", "recovery-codes", "mailed-codes", "closed"]
    let rows = reply.items.map { item in columns.map { item.fields[$0]?.shown ?? "" } }
    for line in Table(header: columns, rows: rows).lines { terminal.say(line) }
    guard let report = KeyReport(reply) else { return }
    for key in report.keys where key.state == "unknown" {
      terminal.tell(
        "The daemon has not got key \(key.id): whoever needs one of its \(key.all) values hears LATER. Put its line back "
          + "into the ring, as `open`, from the offline copy or another host's ring.", .bad)
    }
    if let malformed = reply["malformed"].flatMap(KeyReport.number), malformed > 0 {
      terminal.tell("\(malformed) values are no sealed ones: drawbridge doctor", .bad)
    }
    if let older = reply["older"].flatMap(KeyReport.number), older > 0 {
      terminal.say("\(older) values are under keys that are not active. Seal them anew: drawbridge keys rotate")
    }
    compare(report, on: terminal)
    terminal.say("Several hosts? Each has to show the same keys, and the same active one.")
  }

  /// Where the ring cannot be read, nothing is said of it: who may ask the daemon need not be root.
  private func compare(_ report: KeyReport, on terminal: Terminal) {
    guard let ring = try? ring.file.ring() else { return }
    let held = report.keys.filter { $0.state != "unknown" }.map(\.id).sorted()
    if held != ring.keyIDs || report.active != ring.activeKeyID {
      terminal.tell("The ring \(self.ring.ring) is not the one that the daemon has read.".withoutControls, .warning)
      terminal.tellToRead()
    }
  }
}
