import ArgumentParser
import Glibc
import Wire

/// The command line of the daemon: it shows what the daemon asks, sends what the user types, and decides nothing.
@main
struct Drawbridge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drawbridge",
    abstract: "Sign in, choose a password, and administer accounts, by way of drawbridged.",
    discussion: """
      A first login:    drawbridge first jane@example.org
      Every other one:  drawbridge signin jane@example.org
      An idle account:  drawbridge user reactivate jane@example.org

      Passwords and codes are typed at a prompt, or stand one a line on the standard input; never on the command line, \
      where other users could see them.

      Exit status: 0 done, 1 refused, 64 wrong usage, 65 a file is not what it should be, 66 it cannot be read, \
      69 the daemon cannot be reached, 75 the daemon is busy, 76 the daemon was not understood, or did not understand.
      """,
    version: "drawbridge \(Version.current)",
    subcommands: [
      SignIn.self, FirstLogin.self, ForgotPassword.self, ChangePassword.self, ReplaceAuthenticator.self,
      SessionStatus.self, SignOut.self, User.self, Sweep.self, Status.self, Metrics.self, Setup.self, Doctor.self,
      Keys.self,
    ])

  static func main() {
    // A daemon that hangs up is an error of write(), not the silent end of this process.
    signal(SIGPIPE, SIG_IGN)
    // Swift's backtracer takes this one for a crash, and shows memory: what was typed may stand there.
    signal(SIGQUIT, SIG_DFL)
    main(nil)
  }
}
