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
    var recorded: [(file: String, changes: [DirectoryChange])] = []
    for file in files.reversed() { recorded.append((file, try SetupRecord.changes(in: file).reversed())) }
    for change in recorded.flatMap(\.changes) where !change.isFinal {
      terminal.say("\(change.kind.rawValue): \(change.dn.withoutControls)")
    }
    try confirmation.obtain("Take this back from slapd at \(options.ldapi)? Accounts stay as they are.", on: terminal)
    let isDone = try PrivateFolder.with { folder throws(Unseen) in
      try takeBack(recorded, SlapdAdministrator(observer: observer, name: me, folder: folder))
    }
    terminal.say("The schema, \(options.config.withoutControls) and \(options.keyRing.withoutControls) stay.")
    if !isDone { throw ExitCode.failure }
  }

  private func takeBack(
    _ recorded: [(file: String, changes: [DirectoryChange])], _ administrator: SlapdAdministrator
  ) throws(Unseen) -> Bool {
    var isDone = true
    for (file, changes) in recorded {
      var isWhole = true
      for change in changes {
        let configuration = try administrator.observer.running()
        let database = configuration.database(holding: change.dn)?.entry.dn ?? ""
        let loading = SetupLoading(administrator: administrator, database: database, terminal: terminal)
        if change.isEntry, !change.isFinal,
          !SetupFacts(observer: administrator.observer, suffix: nil).holds(change.dn)
        {
          terminal.say("changed  \(change.kind.rawValue): \(change.dn.withoutControls) is there no more", .warning)
          continue
        }
        isWhole = loading.takeBack(change) && isWhole
      }
      isDone = isDone && isWhole
      if isWhole { SetupRecord.close(file) }
    }
    return isDone
  }
}
