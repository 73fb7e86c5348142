import ArgumentParser
import Glibc
import Wire

/// Takes back what the records of setups tell of, the newest first.
struct SetupTakeBack {
  let options: SetupOptions
  let terminal: Terminal

  func run(_ confirmation: Confirmation) throws {
    let observer = options.observer
    let me = try observer.administrator()
    let files = try options.records.files()
    guard !files.isEmpty else {
      return terminal.say("\(options.records.folder.withoutControls) has no record: no setup loaded anything.")
    }
    var recorded: [(file: String, steps: [SetupRecord.Step])] = []
    for file in files.reversed() { recorded.append((file, try SetupRecord.steps(in: file).reversed())) }
    for step in recorded.flatMap(\.steps) where !step.change.isFinal && !step.isTaken {
      terminal.say(step.change.what)
    }
    try confirmation.obtain("Take this back from slapd at \(options.ldapi)? Accounts stay as they are.", on: terminal)
    let isDone = try PrivateFolder.with { folder throws(Unseen) in
      try takeBack(recorded, SlapdAdministrator(observer: observer, name: me, folder: folder))
    }
    terminal.say("The schema, \(options.config.withoutControls) and \(options.keyRing.withoutControls) stay.")
    if !isDone { throw ExitCode.failure }
  }

  private func takeBack(
    _ recorded: [(file: String, steps: [SetupRecord.Step])], _ administrator: SlapdAdministrator
  ) throws(Unseen) -> Bool {
    var isDone = true
    for (file, steps) in recorded {
      var (isWhole, isKept) = (true, false)
      for step in steps {
        if step.isTaken {
          terminal.say("gone     \(step.change.what) (an earlier run took it)")
          continue
        }
        switch try takeBack(step.change, administrator) {
        case .taken: try SetupFile.append(step.change.recordTaken, to: file)
        case .stays: isKept = isKept || step.change.kind == .closing
        case .refused: isWhole = false
        }
      }
      isDone = isDone && isWhole
      if isWhole, !isKept { SetupRecord.close(file) }
    }
    return isDone
  }

  private func takeBack(
    _ change: DirectoryChange, _ administrator: SlapdAdministrator
  ) throws(Unseen) -> SetupLoading.Taking {
    let configuration = try administrator.observer.running()
    let facts = SetupFacts(observer: administrator.observer, suffix: nil)
    let loading = SetupLoading(
      administrator: administrator, database: configuration.database(holding: change.dn)?.entry.dn ?? "",
      terminal: terminal)
    if change.isEntry, !change.isFinal, !facts.holds(change.dn) {
      terminal.say("gone     \(change.what) is there no more")
      return .taken
    }
    guard change.kind == .access || change.kind == .closing,
      let database = configuration.databases.first(where: { DN.isEqual($0.entry.dn, change.dn) }),
      let reason = facts.accounts(in: database)
    else { return loading.takeBack(change) }
    let closing = ClosingRules(change, database)
    if change.kind == .access {
      do throws(Unseen) { try close(closing, loading) } catch {
        terminal.tell("stays    \(change.what): its secrets cannot be closed: \(error.why.withoutControls)", .bad)
        return .refused
      }
    }
    for rule in closing.staying {
      terminal.say(
        "stays    \(change.what): \(rule.withoutControls), because \(reason.withoutControls); take back again, or delete it, "
          + "when they are gone", .warning)
    }
    if change.kind == .closing, !closing.staying.isEmpty { return .stays }
    return loading.takeBack(change.kind == .access ? closing.rest : change)
  }

  /// Before the other rules go, so that nobody reads anything between.
  private func close(_ closing: ClosingRules, _ loading: SetupLoading) throws(Unseen) {
    guard !closing.recorded.values.isEmpty else { return }
    let record = try options.records.begin()
    try SetupFile.append(closing.recorded.record, to: record)
    do throws(Unseen) { if let change = closing.loaded { try loading.load(change) } } catch {
      SetupRecord.close(record)
      throw error
    }
  }
}
