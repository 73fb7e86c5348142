import ArgumentParser
import Wire

struct Status: AdminCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show how the daemon does.",
    discussion: """
      Its version and uptime in seconds, the directory and its last sweep, the keys by their numbers, mails that wait, \
      and open connections.

      Example:
        drawbridge status --json
      """)

  @OptionGroup var options: AdminOptions

  var request: Request.Admin.Verb { .status }
}
