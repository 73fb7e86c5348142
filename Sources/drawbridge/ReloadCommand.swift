import ArgumentParser
import Wire

struct Reload: AdminCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the daemon read its configuration anew.",
    discussion: """
      It is checked in full first: the settings, the key ring, certificates, passwords, templates and texts. Where \
      something is wrong, all of it stays as it was, and the reason is shown; otherwise the settings that changed are \
      named. Nobody who is signing in notices. Sockets ([[listen]] path, address, role, mode and group) need a restart, \
      which restart= says.

      What the file says now can be checked without the daemon: drawbridged --check-config.

      Examples:
        drawbridge reload
        systemctl reload drawbridged

      Exit status: 0 reloaded, 1 the configuration is wrong and the one before it stays in use.
      """)

  @OptionGroup var options: AdminOptions

  var request: Request.Admin.Verb { .reload }

  func show(_ reply: Reply, on terminal: Terminal) {
    guard !reply.fields.isEmpty else { return terminal.say("No setting has changed.") }
    for field in reply.fields { terminal.say("\(field.name)  \(field.value.shown)") }
  }
}
