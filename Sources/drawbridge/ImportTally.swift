import ArgumentParser
import Glibc
import Wire

/// What came of an import, row by row. It keeps counts alone, so that an input may be of any length.
final class ImportTally {
  private let terminal: Terminal
  private let isJSON: Bool
  private let isDry: Bool
  private let progress = Progress("accounts")
  /// By what was done: `created`, `adopted`, `unchanged`.
  private var done: [(how: String, count: Int)] = []
  private var (refused, faults, passedOver, unusable, withoutPassword) = (0, 0, 0, 0, 0)
  /// The daemon does not take such requests here: nothing more is sent.
  private(set) var isStranger = false

  init(terminal: Terminal, isJSON: Bool, isDry: Bool) {
    self.terminal = terminal
    self.isJSON = isJSON
    self.isDry = isDry
  }

  /// A row of an input, and what the daemon said to it.
  func take(_ row: ImportRow, _ reply: Reply) {
    progress.advance()
    if isJSON {
      var told = reply
      told.fields = [Field("line", row.line), Field("asked", row.login)] + reply.fields
      terminal.say(JSON(told).description)
    }
    guard reply.kind == .ok else {
      refused += 1
      isStranger = isStranger || reply.kind == .err
      return complain("line \(row.line): \(row.login.shown): \(reply.text?.withoutControls ?? reply.word)")
    }
    count(reply.shown("how") ?? reply.word, hash: reply.shown("hash"), state: reply.shown("state"))
    if reply.shown("hash") == "unusable" {
      complain("line \(row.line): \(row.login.shown): nobody can be verified by the password of this entry", .warning)
    }
  }

  /// An entry that a filter found.
  func take(_ item: Item) {
    progress.advance()
    if isJSON { terminal.say(JSON(item).description) }
    let action = item.shown("action")
    guard action != "skipped" else {
      refused += 1
      return complain("\(item.shown("dn")): \(item.text?.withoutControls ?? item.shown("reason"))")
    }
    count(action == "would-adopt" ? "adopted" : action, hash: item.shown("hash"), state: item.shown("state"))
  }

  private func count(_ how: String, hash: String?, state: String?) {
    if let index = done.firstIndex(where: { $0.how == how }) { done[index].count += 1 } else { done.append((how, 1)) }
    if hash == "unusable" { unusable += 1 }
    if state == "invited" { withoutPassword += 1 }
  }

  /// What could not be read.
  func fault(line: Int, _ why: String) {
    faults += 1
    let place = line > 0 ? "line \(line): " : ""
    if isJSON { terminal.say(JSON(Reply.err("bad-input", [Field("line", line)], text: why)).description) }
    complain(place + why)
  }

  func passOver() { passedOver += 1 }

  func stop() { progress.clear() }

  private func complain(_ text: String, _ style: Terminal.Style = .bad) {
    progress.clear()
    if !isJSON { terminal.tell(text, style) }
  }

  /// The summary.
  func tell() {
    progress.clear()
    var rows = done.sorted { $0.how < $1.how }.map { (isDry ? "would-be-\($0.how)" : $0.how, $0.count) }
    rows += [
      ("refused", refused), ("unreadable", faults), ("nobody", passedOver), ("unusable-hash", unusable),
      ("without-password", withoutPassword),
    ].filter { $0.1 > 0 }
    if isJSON {
      terminal.say(JSON(Reply.ok("import", rows.map { Field($0, $1) })).description)
    } else {
      for line in Table(rows: rows.map { [$0, "\($1)"] }).lines { terminal.say(line) }
    }
  }

  var exitCode: ExitCode {
    if faults > 0 { return ExitCode(EX_DATAERR) }
    if isStranger { return ExitCode(EX_PROTOCOL) }
    return refused > 0 ? .failure : .success
  }
}
