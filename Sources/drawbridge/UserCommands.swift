import ArgumentParser
import Wire

struct User: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Invite, import, show and change accounts.",
    discussion: """
      Needs the right to use the admin socket: root, or a member of its group.

      Example:
        drawbridge user show jane@example.org
      """,
    subcommands: [
      Invite.self, Import.self, Show.self, Explain.self, List.self, Reactivate.self, Deactivate.self, Unlock.self,
      Reset.self, SignOut.self,
    ])
}

extension User {
  struct Invite: AdminCommand {
    static let configuration = CommandConfiguration(
      abstract: "Invite somebody to log in for the first time.",
      discussion: """
        A mail tells the person how. No password is set here: the person chooses it.

        Example:
          drawbridge user invite jane@example.org
          drawbridge user invite jane@example.org --uid jane --cn "Jane Doe"
        """)

    @OptionGroup var account: AccountArgument
    @Option(help: "The login name, uid in the directory.")
    var uid: String?
    @Option(help: "The full name, cn in the directory.")
    var cn: String?
    @Option(help: "The surname, sn in the directory.")
    var sn: String?
    @Option(help: "The given name, givenName in the directory.")
    var givenName: String?
    @OptionGroup var options: AdminOptions

    var request: Request.Admin.Verb {
      let attributes = [("uid", uid), ("cn", cn), ("sn", sn), ("givenName", givenName)]
      return .invite(
        login: account.bytes, attributes: attributes.compactMap { name, value in value.map { Field(name, $0) } })
    }
  }

  struct Show: AdminCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the state of an account.",
      discussion: """
        Who it is, whether it is active, and when it was last used; times are UTC.

        Example:
          drawbridge user show jane@example.org
          drawbridge user show jane@example.org --json
        """)

    @OptionGroup var account: AccountArgument
    @OptionGroup var options: AdminOptions

    var request: Request.Admin.Verb { .account(.show, login: account.bytes) }
  }
}
