import ArgumentParser
import Glibc
import Wire

struct Setup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give slapd what Drawbridge needs, and the daemon its configuration and keys.",
    discussion: """
      As root, on the directory's host, where slapd has cn=config and listens on ldapi. Shows as LDIF what is missing, \
      and loads it after a yes: schema, limits, access rules (before yours, which stay), the daemon's identity, indexes, \
      and the entries that it needs. Each step is looked at after it is loaded; if one fails, those before it are taken \
      back. What is there already is left as it is, so it may be run again. docs/setup.md tells more.

      Examples:
        drawbridge setup --dry-run
        drawbridge setup --yes --smtp smtp://mail.example.org --support helpdesk@example.org --start
        drawbridge setup --take-back

      Exit status: 0 done, 1 refused, or something is left to do by hand, 2 the doctor found something bad, \
      64 wrong usage, 77 not root.
      """)

  @OptionGroup var options: SetupOptions
  @Flag(help: "Show what is missing, and change nothing.")
  var dryRun = false
  @Flag(help: "Take back what setups loaded, but for what was changed since.")
  var takeBack = false
  @Flag(help: "Then start the daemon, by systemd.")
  var start = false
  @OptionGroup var confirmation: Confirmation

  func validate() throws {
    if dryRun, takeBack || start {
      throw ValidationError("--dry-run changes nothing: not with --take-back or --start.")
    }
    if takeBack, start { throw ValidationError("--take-back or --start, not both.") }
  }

  func run() throws {
    let terminal = Terminal()
    guard geteuid() == 0 else {
      terminal.tell("This is root's: slapd knows the administrator of cn=config by the Unix user.", .bad)
      throw ExitCode(EX_NOPERM)
    }
    do {
      if takeBack { return try SetupTakeBack(options: options, terminal: terminal).run(confirmation) }
      try load(terminal)
    } catch let error as Unseen {
      terminal.tell(error.why.withoutControls, .bad)
      throw ExitCode.failure
    }
  }

  // MARK: Loading

  private func load(_ terminal: Terminal) throws {
    guard let user = UnixUser(named: options.user) else {
      throw Unseen("There is no Unix user \(options.user): systemd-sysusers, or useradd, makes it")
    }
    guard user.uid != 0 else { throw Unseen("The daemon does not run as root: --user names another") }
    let observer = options.observer
    let me = try observer.administrator()
    let configuration: SlapdConfiguration
    do {
      configuration = try observer.running()
    } catch {
      return try SlapdConfLines(options: options, user: user, me: me).show(error, on: terminal)
    }
    let (database, suffix) = try SetupFacts.database(in: configuration, suffix: options.suffix)
    let names = try options.names(suffix: suffix, database: database, user: user)
    let from = try sender(names)
    let facts = SetupFacts(observer: observer, suffix: suffix)
    guard facts.holds(suffix) else {
      throw Unseen("The directory has no entry \(suffix) yet, or hides it from \(me): there is nothing to set up below")
    }
    let plan = SetupPlan(try facts.look(names, configuration), names)
    for change in plan.changes { terminal.say(change.ldif().withShownLines + "\n") }
    for warning in plan.warnings { terminal.tell("Note: \(warning.withoutControls)", .warning) }
    let left = try SlapdAdministrator(observer: observer, name: me, folder: "").leftRights(for: names)
    if !left.isEmpty {
      terminal.tell("Note: a setup that was cut short left rules of access for root alone. They go.", .warning)
    }
    if dryRun { return }

    if plan.changes.isEmpty, left.isEmpty {
      terminal.say("slapd has all that Drawbridge needs.", .good)
    } else {
      try confirmation.obtain("Load this into slapd at \(options.ldapi)?", on: terminal)
      try loadChanges(plan, left, names, facts, me, terminal)
    }
    let isRight = try makeFiles(names, user, from, terminal)
    try finish(isRight, plan, hadLimits: !database.entry.values("olcLimits").isEmpty, terminal)
  }

  private func loadChanges(
    _ plan: SetupPlan, _ left: [String], _ names: SetupNames, _ facts: SetupFacts, _ me: String, _ terminal: Terminal
  ) throws(Unseen) {
    let observer = facts.observer
    try SetupFile.makeFolder(DaemonFiles.folder(of: options.config), mode: 0o755)
    let record = try options.records.begin()
    try PrivateFolder.with { folder throws(Unseen) in
      let administrator = SlapdAdministrator(observer: observer, name: me, folder: folder)
      let loading = SetupLoading(administrator: administrator, database: names.database, terminal: terminal)
      try loading.load(plan.changes, record: record) { change throws(Unseen) in
        let left = SetupPlan(try facts.look(names, try observer.running()), names)
        return left.changes.contains { $0.kind == change.kind }
      }
      try administrator.takeBack(left, "olcAccess", of: names.database, takesAll: true)
    }
  }

  private func sender(_ names: SetupNames) throws(Unseen) -> String? {
    if let from = options.from { return from }
    if options.smtp == "off" || SetupFile.exists(options.config) { return nil }
    guard let domain = names.domain else { throw Unseen("Who sends the mails? --from names an address") }
    return "sso@\(domain)"
  }

  // MARK: The daemon

  private func makeFiles(
    _ names: SetupNames, _ user: UnixUser, _ from: String?, _ terminal: Terminal
  ) throws(Unseen) -> Bool {
    let files = DaemonFiles(configuration: options.config, ring: options.keyRing, user: user)
    try SetupFile.makeFolder(DaemonFiles.folder(of: options.config), mode: 0o755)
    let text = DaemonFiles.text(
      names, uri: options.ldapi, ring: options.keyRing, smtp: options.smtp, from: from, support: options.support,
      sockets: options.sockets)
    let (config, ring) = (options.config.withoutControls, options.keyRing.withoutControls)
    terminal.say(try files.makeRing() ? "made     \(ring): keep a copy offline" : "there    \(ring)", .good)
    terminal.say(try files.write(text) ? "written  \(config)" : "there    \(config), left as it is", .good)
    guard let complaint = try files.complaint() else { return true }
    terminal.tell("drawbridged --check-config: \(complaint.withoutControls)", .bad)
    return false
  }

  private func finish(_ isRight: Bool, _ plan: SetupPlan, hadLimits: Bool, _ terminal: Terminal) throws {
    if hadLimits, plan.changes.contains(where: { $0.kind == .limits }) {
      terminal.say("slapd goes by the limits that it had until its next start: systemctl restart slapd", .warning)
    }
    guard isRight else { throw ExitCode.failure }
    let units = ["drawbridged.socket", "drawbridged-admin.socket", "drawbridged.service"]
    if start {
      let told = try Tool(name: "systemctl", seconds: 120).run(["enable", "--now"] + units)
      guard told.status == 0 else { throw Unseen("systemctl: \(told.reasons)") }
    }
    let socket = options.sockets.map { "\($0)/admin.sock" } ?? Socket.admin.path(nil)
    guard SetupFile.exists(socket) else {
      return terminal.say("Next: systemctl enable --now \(units.joined(separator: " ")); drawbridge doctor", .bold)
    }
    let place = options.slapdConfig.map { ["--slapd-config", $0] } ?? []
    do {
      let doctor = try Doctor.parse(["--socket", socket, "--ldapi", options.ldapi] + place)
      try doctor.run()
    } catch let code as ExitCode where code.rawValue == 1 {
      // Before anybody has an account, some of it is unknown.
    }
  }
}

extension SetupOptions {
  var observer: SlapdObserver {
    SlapdObserver(
      uri: ldapi, configurationDN: "cn=config", source: SlapdSource(slapdConfig ?? SlapdSource.standard))
  }
}

extension SlapdObserver {
  /// What slapd calls whoever runs this.
  func administrator() throws(Unseen) -> String {
    do { return try whoami().get() } catch {
      throw Unseen("\(error.why). Does slapd run, and listen on ldapi (SLAPD_SERVICES in /etc/default/slapd)?")
    }
  }
}
