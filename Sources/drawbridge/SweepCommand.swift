import ArgumentParser
import Glibc
import Wire

struct Sweep: AdminCommand {
  static let configuration = CommandConfiguration(
    abstract: "Deactivate the accounts that have been idle for too long, and warn those that soon will be.",
    discussion: """
      The daemon does this by itself. A dry run shows who would be deactivated or warned, and changes nothing. The daemon refuses \
      where far more accounts are due than on an ordinary day, or a clock is wrong; --force goes on.

      Each sweep that deactivates somebody leaves a record on the daemon's host (inactivity.records), by which it can be \
      taken back. Accounts that were changed since are left as they are, and the exit status is 1.

      Example:
        drawbridge sweep --dry-run
        drawbridge sweep --undo /var/lib/drawbridge/sweeps/sweep-20261124033000.123456Z-812.ldif
      """)

  @Flag(help: "Change nothing; show what would be.")
  var dryRun = false
  @Flag(help: "Sweep even where the daemon would rather not.")
  var force = false
  @Option(help: ArgumentHelp("Take the deactivations of a sweep's record back.", valueName: "file"))
  var undo: String?
  @OptionGroup var options: AdminOptions

  func validate() throws {
    if [dryRun, force, undo != nil].count(where: { $0 }) > 1 {
      throw ValidationError("Only one of --dry-run, --force and --undo can be given.")
    }
  }

  var request: Request.Admin.Verb { .sweep(dryRun ? .dryRun : force ? .force : .full) }

  func run() throws {
    guard let undo else { return try ask() }
    try takeBack(undo)
  }

  func show(_ reply: Reply, on terminal: Terminal) {
    let columns = ["login", "action", "idle-since", "reason", "dn"]
    let rows = reply.items.map { item in columns.map { item.fields[$0]?.shown ?? "" } }
    if !rows.isEmpty {
      for line in Table(header: columns, rows: rows).lines { terminal.say(line) }
      terminal.say("")
    }
    if let text = reply.text { terminal.say(text.withoutControls, .warning) }
    terminal.say(reply.fields.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", "), .good)
  }
}

// MARK: - Taking a sweep back

extension Sweep {
  private func takeBack(_ path: String) throws {
    let terminal = Terminal()
    let deactivations: [RecordedDeactivation]
    do throws(RecordedDeactivation.Failure) {
      deactivations = try RecordedDeactivation.read(path)
    } catch {
      terminal.tell("\(path): \(error.message)".withoutControls, .bad)
      throw error.exitCode
    }
    var summary = Undone(all: deactivations.count)
    var last: Reply?
    do throws(Failure) {
      let conversation = try Conversation(socket: Socket.admin.path(options.socket), terminal: terminal)
      for deactivation in deactivations {
        let reply = try conversation.run(.admin(.init(.undo(id: deactivation.id, deactivated: deactivation.time))))
        terminal.showProgress("\(summary.seen + 1) of \(summary.all)")
        switch reply.kind {
        case .ok: summary.undone += 1
        case .no:
          summary.changed += 1
          terminal.showProgress(nil)
          terminal.tell(
            "\(String(decoding: deactivation.id, as: UTF8.self)): \(reply.text ?? reply.word)".withoutControls)
        case .ask, .later, .err: last = reply
        }
        if last != nil { break }
      }
    } catch {
      terminal.showProgress(nil)
      terminal.tell(error.message.withoutControls, .bad)
      summary.show(on: terminal, asJSON: options.json)
      throw error.exitCode
    }
    terminal.showProgress(nil)
    summary.show(on: terminal, asJSON: options.json)
    if let last {
      terminal.refuse(last)
      throw last.exitCode
    }
    throw summary.changed == 0 ? ExitCode.success : .failure
  }
}

/// What became of the deactivations of a record.
private struct Undone {
  let all: Int
  var undone = 0
  /// Reactivated, deactivated anew, or removed since.
  var changed = 0
  var seen: Int { undone + changed }

  func show(on terminal: Terminal, asJSON: Bool) {
    let fields = [Field("recorded", all), Field("undone", undone), Field("changed", changed)]
    if asJSON {
      terminal.say(JSON(.ok("undone", fields)).description)
    } else {
      terminal.say(
        fields.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", "), changed == 0 ? .good : .warning)
    }
  }
}
