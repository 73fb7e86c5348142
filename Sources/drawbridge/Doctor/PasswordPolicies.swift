import Wire

/// ppolicy's settings, where they break what Drawbridge writes, or do not stop whom it locks.
enum PasswordPolicies {
  static let attributes = [
    "pwdLockout", "pwdCheckQuality", "pwdMinAge", "pwdSafeModify", "pwdAttribute", "pwdMustChange",
  ]

  /// - Parameters:
  ///   - overlay: nil where the database has no ppolicy.
  ///   - policies: the entries of the class `pwdPolicy`.
  static func findings(overlay: LDIFEntry?, policies: Result<[LDIFEntry], Unseen>) -> [Finding] {
    guard let overlay else {
      return [Finding("ppolicy.settings", .good, "The database has no ppolicy, and so none that refuses a hash.")]
    }
    switch policies {
    case .failure(let unseen): return [.unseen("ppolicy.settings", unseen)]
    case .success(let policies):
      let faults = lockout(overlay, policies) + policies.flatMap(refusals)
      return faults.isEmpty
        ? [Finding("ppolicy.settings", .good, "Locks hold, and no policy refuses what Drawbridge writes.")] : faults
    }
  }

  private static func lockout(_ overlay: LDIFEntry, _ policies: [LDIFEntry]) -> [Finding] {
    let why = "Without pwdLockout: TRUE slapd does not look at pwdAccountLockedTime: deactivated accounts still bind."
    let standard = overlay.value("olcPPolicyDefault")
    var faults: [Finding] = []
    if standard == nil || !policies.contains(where: { DN.isEqual($0.dn, standard ?? "") }) {
      faults.append(
        Finding(
          "ppolicy.lockout", .bad,
          standard.map { "The default policy \($0) does not exist." } ?? "ppolicy has no default policy.", why: why,
          mend: """
            dn: \(overlay.dn)
            changetype: modify
            replace: olcPPolicyDefault
            olcPPolicyDefault: <the DN of an entry of the class pwdPolicy>
            """))
    }
    return faults
      + policies.filter { !$0.isTrue("pwdLockout") }.map { policy in
        Finding(
          "ppolicy.lockout", .bad, "The policy \(policy.dn) has no pwdLockout: TRUE.", why: why,
          mend: replace(policy, "pwdLockout", "TRUE"))
      }
  }

  private static func refusals(_ policy: LDIFEntry) -> [Finding] {
    var faults: [Finding] = []
    func add(_ attribute: String, _ why: String, _ value: String) {
      faults.append(
        Finding(
          "ppolicy.refuses-hashes", .bad,
          "The policy \(policy.dn) has \(attribute): \(policy.value(attribute) ?? "").", why: why,
          mend: replace(policy, attribute, value)))
    }
    if policy.value("pwdCheckQuality") == "2" {
      add(
        "pwdCheckQuality", "It refuses (19) what it cannot read, and a hash cannot be read: nobody sets a password.",
        "1")
    }
    if let age = policy.value("pwdMinAge"), age != "0" {
      add("pwdMinAge", "It refuses (19) a forgotten password that is set soon after another change.", "0")
    }
    if policy.isTrue("pwdSafeModify") {
      add(
        "pwdSafeModify", "It refuses (50) a change without the old password, which nobody has who forgot it.", "FALSE")
    }
    return faults
  }

  private static func replace(_ policy: LDIFEntry, _ attribute: String, _ value: String) -> String {
    "dn: \(policy.dn)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)"
  }
}
