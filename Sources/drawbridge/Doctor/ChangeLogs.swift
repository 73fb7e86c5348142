import Wire

/// Logs of changes: they hold every hash and every sealed secret that ever was.
enum ChangeLogs {
  /// - Parameters:
  ///   - database: the log's own, in cn=config.
  ///   - readers: of the log's entries, what identities that should see none may do (`reqMod`).
  static func accesslog(
    _ overlay: LDIFEntry?, in database: String?, readers: [(String, Result<Rights, Unseen>)]
  ) -> Finding {
    let check = "logs.accesslog"
    guard let overlay else { return Finding(check, .good, "There is no accesslog.") }
    let log = overlay.value("olcAccessLogDB") ?? "the log"
    for (who, rights) in readers {
      switch rights {
      case .failure(let unseen): return .unseen(check, unseen)
      case .success(let rights):
        guard rights.of("reqMod") != nil else { return .unseen(check, Unseen("slapacl says nothing of \(log)")) }
        guard rights.mayRead("reqMod") || rights.mayGuess("reqMod") else { continue }
        return Finding(
          check, .bad, "\(who) may read \(log).",
          why: "There is every hash, every sealed secret and every try in it.",
          mend:
            "dn: \(database ?? "<the database of \(log)>")\nchangetype: modify\nadd: olcAccess\nolcAccess: {0}to * by * none"
        )
      }
    }
    guard overlay.value("olcAccessLogPurge") != nil else {
      return Finding(
        check, .warning, "accesslog keeps old hashes and sealed secrets in \(log) for ever.",
        why: "A password that was changed because it was known stays there to be guessed.",
        mend: "dn: \(overlay.dn)\nchangetype: modify\nadd: olcAccessLogPurge\nolcAccessLogPurge: 07+00:00 01+00:00")
    }
    return Finding(
      check, .note, "accesslog keeps old hashes and sealed secrets in \(log) until they are purged.",
      why: "Guard it, and its backups, like the database.")
  }

  /// - Parameter mode: of the log's file, nil where it was not found.
  static func auditlog(_ overlay: LDIFEntry?, mode: UInt32?) -> Finding {
    let check = "logs.auditlog"
    guard let overlay else { return Finding(check, .good, "There is no auditlog.") }
    let file = overlay.value("olcAuditlogFile") ?? "its file"
    guard let mode else {
      return .unseen(check, Unseen("auditlog writes hashes and sealed secrets to \(file), which cannot be looked at"))
    }
    guard mode & 0o077 == 0 else {
      return Finding(
        check, .bad, "auditlog writes every hash and sealed secret to \(file), of mode \(String(mode, radix: 8)).",
        why: "Others than slapd's user may read it.", mend: "chmod 0600 \(file)")
    }
    return Finding(
      check, .note, "auditlog writes every hash and sealed secret to \(file).",
      why: "Rotate and delete it; guard it, and its backups, like the database.")
  }
}
