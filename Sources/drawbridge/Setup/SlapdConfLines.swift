import ArgumentParser
import Wire

/// For a slapd that shows no cn=config: the lines that its `slapd.conf` lacks, where it runs from one.
struct SlapdConfLines {
  let options: SetupOptions
  let user: UnixUser
  let me: String

  /// Ends with exit status 1: what is shown is left to do.
  ///
  /// - Throws: ``Unseen`` where there is no such file either.
  func show(_ unseen: Unseen, on terminal: Terminal) throws {
    let observer = options.observer
    guard case .file(let path) = observer.source else {
      throw Unseen(
        "cn=config cannot be read: slapd calls you \(me), and says: \(unseen.why). Let that name administer it: "
          + "olcRootDN of olcDatabase={0}config, or an olcAccess there that gives it manage")
    }
    let configuration = try observer.configuration(as: .success(me)).get()
    let (database, suffix) = try SetupFacts.database(in: configuration, suffix: options.suffix)
    let names = try options.names(suffix: suffix, database: database, user: user)
    let facts = SetupFacts(observer: observer, suffix: suffix)
    // A schema that the file includes is none of slapcat's attributes here: it is told, not looked for.
    let plan = SetupPlan(
      SetupPlan.Facts(
        configuration: configuration, database: database, schema: [], moduleEntry: nil,
        hasPeople: facts.holds(names.people), hasShared: facts.holds(names.shared), rulesOfFrontend: []), names)
    terminal.tell("This slapd has no cn=config, but \(path.withoutControls). What it lacks there:", .warning)
    let mend = FileMend(file: path)
    for change in plan.changes {
      switch change.kind {
      case .schema:
        terminal.say(
          "In \(path), above the first `database`, unless it is there:\ninclude …/schema/drawbridge.schema\n")
      case .people, .shared:
        terminal.say("As the rootdn of the database, by ldapmodify:\n\(change.ldif())".withShownLines)
      default: terminal.say(mend.rewritten(change.ldif(isFolded: false)).withShownLines + "\n")
      }
    }
    throw ExitCode.failure
  }
}
