import Wire

/// Loads the steps of a plan in order, or none of them.
struct SetupLoading {
  let administrator: SlapdAdministrator
  /// The database's entry of cn=config.
  let database: String
  let terminal: Terminal

  /// - Parameters:
  ///   - record: the file that each step is written to before it is loaded.
  ///   - isMissing: whether slapd, asked anew, still lacks a step.
  /// - Throws: why a step failed; those before it were taken back, and it was said what was not.
  func load(
    _ changes: [DirectoryChange], record: String, isMissing: (DirectoryChange) throws(Unseen) -> Bool
  ) throws(Unseen) {
    for (index, change) in changes.enumerated() {
      do throws(Unseen) {
        try SetupFile.append(change.record, to: record)
        try load(change)
        guard try !isMissing(change) else { throw Unseen("slapd took it, and does not show it") }
        terminal.say("loaded   \(change.what)", .good)
      } catch {
        terminal.tell("failed   \(change.what): \(error.why.withoutControls)", .bad)
        // The failed one, too: slapd may have taken it before the answer was lost.
        var isWhole = true
        for done in changes[...index].reversed() {
          isWhole = takeBack(done, isFailed: done == change) != .refused && isWhole
        }
        if isWhole { SetupRecord.close(record) }
        throw error
      }
    }
  }

  func load(_ change: DirectoryChange) throws(Unseen) {
    if change.isOfDatabase {
      try administrator.modifyEntry(change.ldif(isFolded: false), change.dn, in: database)
    } else {
      try administrator.modify(change.ldif(isFolded: false))
    }
  }

  enum Taking { case taken, stays, refused }

  /// Takes back what is still as it was loaded, and says what happens.
  @discardableResult
  func takeBack(_ change: DirectoryChange, isFailed: Bool = false) -> Taking {
    let what = change.what
    if change.isFinal {
      if !isFailed { terminal.say("stays    \(what) (a running slapd does not give it up)", .warning) }
      return .stays
    }
    do throws(Unseen) {
      if change.isEntry {
        let ldif = "dn: \(change.dn)\nchangetype: delete\n"
        try administrator.modifyEntry(ldif, change.dn, in: database)
      } else {
        let gone = try administrator.takeBack(change.values.map(\.text), change.values.first?.name ?? "", of: change.dn)
        if !isFailed {
          for text in gone {
            terminal.say("changed  \(what), left as it is: \(text.prefix(120).withoutControls)", .warning)
          }
        }
        guard gone.count < change.values.count else { return .taken }
      }
      terminal.say("taken    \(what)")
      return .taken
    } catch {
      if change.isEntry, error.status == Self.notAllowedOnNonLeaf {
        terminal.say("stays    \(what) (there are entries below it)", .warning)
        return .stays
      }
      if !isFailed { terminal.tell("stays    \(what): \(error.why.withoutControls)", .bad) }
      return isFailed ? .taken : .refused
    }
  }

  /// RFC 4511, section 4.1.9.
  private static let notAllowedOnNonLeaf: Int32 = 66
}

extension Substring {
  fileprivate var withoutControls: String { String(self).withoutControls }
}
