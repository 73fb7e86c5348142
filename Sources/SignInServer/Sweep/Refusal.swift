internal import Directory
internal import SignIn
internal import Wire

extension Sweep {
  /// What the brake has found.
  struct Refusal: Sendable, Equatable {
    let reason: Brake.Reason
    let clocks: Brake.Clocks
    /// How many would be deactivated, and of how many, where that is why.
    var due: Int?
    var active: Int?

    var fields: [Field] {
      let fields: [Field?] = [
        Field("reason", reason.rawValue), due.map { Field("due", $0) }, active.map { Field("active", $0) },
        Field("clock", clocks.own.rfc3339), clocks.directory.map { Field("directory-clock", $0.rfc3339) },
        clocks.lastSweep.map { Field("last-sweep", $0.rfc3339) },
      ]
      return fields.compactMap { $0 }
    }

    /// What to look at, and how to go on.
    var text: String {
      let what =
        switch reason {
        case .tooMany:
          "\(due ?? 0) of \(active ?? 0) active accounts would be deactivated at once, more than \(Brake.dueMax) and than "
            + "\(Brake.dueMaxPercent) %. Look at inactivity.limit, at the clock, and at 'drawbridge sweep --dry-run'."
        case .directoryClock:
          "The clock of this host (\(clocks.own.rfc3339)) and that of the directory "
            + "(\(clocks.directory?.rfc3339 ?? "unknown")) are more than a day apart. Look at the time of both hosts."
        case .lastSweepAhead:
          "The last sweep ended at \(clocks.lastSweep?.rfc3339 ?? "?"), which is still to come. "
            + "Look at the time of all hosts (it is \(clocks.own.rfc3339) here)."
        case .lastSweepOld:
          "The last sweep ended at \(clocks.lastSweep?.rfc3339 ?? "?"), and it is \(clocks.own.rfc3339) here: either no "
            + "daemon ran for long, or a clock is wrong. Look at the time of all hosts."
        }
      return what + " Where all is well, 'drawbridge sweep --force' goes on."
    }
  }

  /// Nil where nothing speaks against a sweep. A dry run leaves no trace, and so does not learn the directory's time.
  func objection(_ mode: Mode, exempt: GroupMembers) async throws(DirectoryError) -> Refusal? {
    let shared = mode == .dryRun ? try await accounts.sharedTimes() : try await accounts.beginSweep(at: service.now())
    let clocks = Brake.Clocks(
      own: service.now(), directory: mode == .dryRun ? nil : shared.modified, lastSweep: shared.lastSweep)
    if let reason = brake.objection(to: clocks) { return Refusal(reason: reason, clocks: clocks) }
    let due = try await countDue(exempt)
    guard let needed = Brake.activeNeeded(for: due) else { return nil }
    // No further than to the number that allows for it.
    var active = 0
    try await accounts.forEach(.counted) { _ in
      active += 1
      return active < needed
    }
    guard let reason = Brake.objection(toDeactivating: due, of: active) else { return nil }
    return Refusal(reason: reason, clocks: clocks, due: due, active: active)
  }

  private func countDue(_ exempt: GroupMembers) async throws(DirectoryError) -> Int {
    var due = 0
    let now = service.now()
    try await accounts.forEach(.idle(since: inactivity.cutoff(at: now)).countedForInactivity) { account in
      if inactivity.verdict(on: account, at: now) == .due, !exempt.contains(account.dn) { due += 1 }
      return !Task.isCancelled
    }
    return due
  }
}
