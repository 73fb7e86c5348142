import ArgumentParser
import Wire

extension User {
  struct Explain: AdminCommand {
    static let configuration = CommandConfiguration(
      abstract: "Explain why an account is as it is, and what would change it.",
      discussion: """
        Which attributes decide, what the clocks and the budgets say, and the change for ldapmodify that would make it \
        something else. Never a hash, a secret or a code.

        Example:
          drawbridge user explain jane@example.org
        """)

    @OptionGroup var account: AccountArgument
    @OptionGroup var options: AdminOptions

    var request: Request.Admin.Verb { .account(.explain, login: account.bytes) }

    func show(_ reply: Reply, on terminal: Terminal) {
      if let text = reply.text { terminal.say(text.withoutControls, .bold) }
      for line in Table(rows: reply.fields.map { [$0.name, $0.value.shown] }).lines { terminal.say(line) }

      let attributes = reply.items.filter { $0.fields["attribute"] != nil && $0.fields["budget"] == nil }
      show(attributes.map(Self.row), under: ["attribute", "value", "means"], on: terminal)
      let budgets = reply.items.filter { $0.fields["budget"] != nil }
      show(
        budgets.map { [$0.shown("budget"), $0.shown("attribute"), $0.shown("means")] },
        under: ["budget", "attribute", "means"], on: terminal)
      showRemedies(reply.items, on: terminal)
    }

    private static func row(_ item: Item) -> [String] {
      [item.shown("attribute"), item.shown("value"), item.shown("means")]
    }

    private func show(_ rows: [[String]], under header: [String], on terminal: Terminal) {
      guard !rows.isEmpty else { return }
      terminal.say("")
      for line in Table(header: header, rows: rows).lines { terminal.say(line) }
    }

    private func showRemedies(_ items: [Item], on terminal: Terminal) {
      var name: String?
      for item in items {
        guard let change = item.fields["change"]?.shown else { continue }
        if change != name {
          terminal.say("")
          terminal.say("# \(change), with ldapmodify:", .bold)
          name = change
        }
        terminal.say(item.text?.withoutControls ?? "")
      }
    }
  }
}

extension Item {
  /// The value of a field as it may be shown; nothing where there is none.
  func shown(_ name: String) -> String { fields[name]?.shown ?? "" }
}
