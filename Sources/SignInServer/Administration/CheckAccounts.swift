internal import Secrets
internal import Wire

/// What the accounts hold, against the key ring and the configured costs.
enum CheckAccounts {
  static let whyRead = "What they hold cannot be counted: neither keys nor hashes were checked."

  static func findings(of census: Census, ring: KeyRing, knowsPasswordPolicy: Bool) -> [Finding] {
    [
      Finding("accounts.read", .good, "\(census.accounts) accounts, \(census.deactivated) of them deactivated."),
      keys(census, ring), damaged(census), schemes(census), costs(census),
      knowsPasswordPolicy ? locks(census) : nil,
    ].compactMap { $0 }
  }

  private static func keys(_ census: Census, _ ring: KeyRing) -> Finding {
    let use = census.keys
    let lost = use.ids.filter { !ring.keyIDs.contains($0) && use.all(under: $0) > 0 }
    let counted = ring.keyIDs.map { id in
      "\(id)\(id == ring.activeKeyID ? " (active)" : ""): \(told(use, id))"
    }
    guard lost.isEmpty else {
      return Finding(
        "keys.in-use", .bad,
        "Sealed under keys that are not in the ring: "
          + lost.map { "\(told(use, $0)) under \($0)" }.joined(separator: "; ") + ".",
        why: "They cannot be opened: their owners hear LATER, and cannot sign in with them.",
        mend: "Put the key's line back into keys.ring, as `open`, from the ring's offline copy or another host's ring; "
          + "systemctl restart drawbridged")
    }
    return Finding(
      "keys.in-use", .good,
      "All authenticators and recovery codes open under the ring; key \(counted.joined(separator: "; ")).")
  }

  private static func told(_ use: KeyUse, _ id: UInt32) -> String {
    let recovery = use.recoveryCodes[id, default: 0]
    return "\(use.secrets[id, default: 0]) authenticators" + (recovery == 0 ? "" : ", \(recovery) recovery codes")
  }

  private static func damaged(_ census: Census) -> Finding? {
    guard census.keys.malformed > 0 else { return nil }
    return Finding(
      "keys.damaged", .bad,
      "\(census.keys.malformed) values of drawbridgeTOTPSecret and drawbridgeRecoveryCode are no sealed ones.",
      why: "Nobody can sign in with them.", mend: "drawbridge user reset LOGIN, or delete the attribute: a reset")
  }

  private static func schemes(_ census: Census) -> Finding {
    guard census.foreign.isEmpty else {
      let counted = census.foreign.sorted { $0.key < $1.key }
        .map { "\($0.value) in \($0.key.isEmpty ? "clear text" : "{\($0.key)}")" }
      return Finding(
        "passwords.schemes", .bad, "Passwords that Drawbridge cannot verify: \(counted.joined(separator: ", ")).",
        why: "Their owners hear \"denied\" at a right password.",
        mend: "Delete their userPassword: they choose a new one by first-time login or forgot-password")
    }
    let counted = census.schemes.sorted { $0.key < $1.key }.map { "{\($0.key)} \($0.value)" }
    let behind = census.passingThrough > 0 ? ["{SASL} \(census.passingThrough)"] : []
    return Finding(
      "passwords.schemes", .good,
      "Hashes by scheme: " + (counted.isEmpty && behind.isEmpty ? "none" : (counted + behind).joined(separator: ", "))
        + ".")
  }

  private static func costs(_ census: Census) -> Finding {
    guard census.weak > 0 else {
      return Finding("passwords.cost", .good, "No Argon2 hash is cheaper than a new one would be.")
    }
    return Finding(
      "passwords.cost", .warning, "\(census.weak) Argon2 hashes are cheaper than password.memory-kib and passes.",
      why: "Whoever steals them guesses faster than was decided.",
      mend: "password.upgrade = true: each is written anew at its owner's next sign-in")
  }

  private static func locks(_ census: Census) -> Finding {
    guard census.unlocked > 0 else {
      return Finding("accounts.locks", .good, "Every deactivated account has ppolicy's lock as well.")
    }
    return Finding(
      "accounts.locks", .warning, "\(census.unlocked) deactivated accounts have no pwdAccountLockedTime.",
      why: "They were deactivated by hand, or before ppolicy was loaded: slapd itself still lets them bind.",
      mend: """
        dn: <each of them>
        changetype: modify
        replace: pwdAccountLockedTime
        pwdAccountLockedTime: 000001010000Z
        -
        replace: drawbridgeLockSet
        drawbridgeLockSet: TRUE
        """)
  }
}
