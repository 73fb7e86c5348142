import ArgumentParser
import Wire

struct Sweep: AdminCommand {
  static let configuration = CommandConfiguration(
    abstract: "Deactivate the accounts that have been idle for too long.",
    discussion: """
      The daemon does this by itself. A dry run shows who would be deactivated, and changes nothing.

      Example:
        drawbridge sweep --dry-run
      """)

  @Flag(help: "Change nothing; show what would be.")
  var dryRun = false
  @OptionGroup var options: AdminOptions

  var request: Request.Admin.Verb { .sweep(dryRun ? .dryRun : .full) }

  func show(_ reply: Reply, on terminal: Terminal) {
    let columns = ["login", "action", "idle-since", "reason", "dn"]
    let rows = reply.items.map { item in columns.map { item.fields[$0]?.shown ?? "" } }
    if !rows.isEmpty {
      for line in Table(header: columns, rows: rows).lines { terminal.say(line) }
      terminal.say("")
    }
    if let text = reply.text { terminal.say(text.withoutControls) }
    terminal.say(reply.fields.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", "), .good)
  }
}
