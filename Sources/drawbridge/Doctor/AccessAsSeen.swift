import Wire

/// The access rules as five identities meet them in one account, by slapacl: who may do what with the hash, the secret,
/// the counters, the state and the names that people are found by.
enum AccessAsSeen {
  enum Identity: String, CaseIterable {
    case anonymous
    case owner = "self"
    case other, administrator, daemon

    var shown: String {
      switch self {
      case .anonymous: "Anybody, unauthenticated,"
      case .owner: "The owner of an account"
      case .other: "Another user"
      case .administrator: "An administrator"
      case .daemon: "The daemon"
      }
    }
  }

  static let hash = ["userPassword"]
  static let secrets = [
    "drawbridgePassword", "drawbridgePasswordHistory", "drawbridgeTOTPSecret", "drawbridgeTOTPLastStep",
    "drawbridgeRecoveryCode", "drawbridgeCode", "drawbridgePasswordTries", "drawbridgeOTPTries",
    "drawbridgeForgotTries",
    "drawbridgeCodeTries", "drawbridgeMailsSent", "drawbridgeNoticesSent", "drawbridgeSessionsSince",
    "drawbridgeSessionEnded",
  ]
  static let state = [
    "drawbridgeLastSignIn", "drawbridgePreviousSignIn", "drawbridgeIdleSince", "drawbridgeInvitedTime",
    "drawbridgeDeactivatedTime", "drawbridgeDeactivatedReason", "drawbridgeLockSet", "drawbridgeWarnedTime",
    "drawbridgeWarningClaimed", "drawbridgeExempt",
  ]
  /// Of ppolicy: to lift a lock is to reactivate.
  static let lock = ["pwdAccountLockedTime", "pwdReset"]
  /// Of ppolicy: hashes of old passwords.
  static let history = ["pwdHistory"]
  /// As slapacl is asked for it, and as it answers.
  static let membership = (asked: "objectClass:drawbridgeAccount", told: "objectClass=drawbridgeAccount")

  /// What slapacl is asked for.
  static func attributes(names: [String], knowsPasswordPolicy: Bool) -> [String] {
    hash + secrets + state + names + ["entry", "objectClass", membership.asked]
      + (knowsPasswordPolicy ? lock + history : [])
  }

  /// - Parameters:
  ///   - names: the attributes that people are found and told apart by.
  ///   - seen: by identity, of those that could be told.
  static func findings(
    names: [String], knowsPasswordPolicy: Bool, _ seen: [(Identity, Result<Rights, Unseen>)]
  ) -> [Finding] {
    seen.map { identity, rights in
      let check = "access.\(identity.rawValue)"
      switch rights {
      case .failure(let unseen): return .unseen(check, unseen)
      case .success(let rights):
        let all = attributes(names: names, knowsPasswordPolicy: knowsPasswordPolicy).map {
          $0 == membership.asked ? membership.told : $0
        }
        // What slapacl passed over in silence was not seen.
        if let missing = all.first(where: { rights.of($0) == nil }) {
          return .unseen(check, Unseen("slapacl says nothing of \(missing)"))
        }
        return judge(identity, Faults(of: identity, rights, names: names, hasPolicy: knowsPasswordPolicy))
      }
    }
  }

  /// Whether the daemon makes entries for invitations, and no more there.
  static func invitations(_ rights: Result<Rights, Unseen>, people: String) -> Finding {
    let check = "access.invitations"
    switch rights {
    case .failure(let unseen): return .unseen(check, unseen)
    case .success(let rights):
      guard rights.of("children") != nil else { return .unseen(check, Unseen("slapacl says nothing of children")) }
      guard rights.mayAdd("children") else {
        return Finding(
          check, .warning, "The daemon may not add entries below \(people).",
          why: "An invitation of somebody who has no entry yet fails.",
          mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif, with directory.people as @PEOPLE@"
        )
      }
      guard !rights.mayDelete("children") else {
        return Finding(
          check, .warning, "The daemon may delete entries below \(people).",
          why: "It never does; a flaw of it could.",
          mend: "In the access rule of \(people), attrs=children: by dn.exact=<the daemon> =a")
      }
      return Finding(check, .good, "The daemon adds entries below \(people), and deletes none.")
    }
  }

  private static func judge(_ identity: Identity, _ faults: Faults) -> Finding {
    let check = "access.\(identity.rawValue)"
    guard let worst = faults.worst else {
      return Finding(check, .good, "\(identity.shown) may do what schema/access means, and no more.")
    }
    return Finding(
      check, worst, "\(identity.shown) " + faults.told.joined(separator: "; ") + ".", why: why(identity),
      mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif  (its rules come before all others)")
  }

  private static func why(_ identity: Identity) -> String {
    switch identity {
    case .anonymous, .owner, .other:
      "Hashes and secrets that are read are guessed at leisure; what is written by others than Drawbridge decides "
        + "nothing but gets them past a factor, or mails codes elsewhere."
    case .administrator: "Administrators set and take away, and read the state; nobody needs to read a hash."
    case .daemon: "What it may not write it answers LATER for; what it needs not write, a flaw of it could."
    }
  }
}

/// What an identity may do and should not, or the other way round.
private struct Faults {
  private(set) var worst: Finding.Verdict?
  private(set) var told: [String] = []

  init(of identity: AccessAsSeen.Identity, _ rights: Rights, names: [String], hasPolicy: Bool) {
    let (hash, secrets, state) = (AccessAsSeen.hash, AccessAsSeen.secrets, AccessAsSeen.state)
    let lock = hasPolicy ? AccessAsSeen.lock : []
    let history = hasPolicy ? AccessAsSeen.history : []
    let membership = AccessAsSeen.membership.told
    switch identity {
    case .anonymous, .owner, .other:
      add(.bad, "may read", (hash + secrets + history).filter(rights.mayRead))
      add(.bad, "may guess", (hash + secrets + history).filter { rights.mayGuess($0) && !rights.mayRead($0) })
      add(
        .bad, "may write",
        (hash + secrets + state + names + lock + history + ["objectClass"]).filter(rights.mayChange))
      add(.warning, "may read", state.filter { rights.mayRead($0) || rights.mayGuess($0) })
    case .administrator:
      add(.warning, "may read", (hash + secrets).filter(rights.mayRead))
      add(.warning, "may not write", (hash + secrets + state + lock).filter { !rights.mayWrite($0) })
      add(.warning, "may not read", state.filter { !rights.mayRead($0) })
    case .daemon:
      add(.bad, "may not write", (hash + secrets + state + lock).filter { !rights.mayWrite($0) })
      add(
        .bad, "may not read and search",
        (hash + secrets + state + names + lock).filter { !rights.mayRead($0) || !rights.maySearch($0) })
      add(.bad, "may not add", [membership].filter { !rights.mayAdd($0) })
      add(.warning, "may write", (names + ["objectClass"]).filter(rights.mayChange))
      add(.warning, "may delete the", ["entry"].filter(rights.mayDelete))
    }
  }

  private mutating func add(_ verdict: Finding.Verdict, _ may: String, _ attributes: [String]) {
    guard !attributes.isEmpty else { return }
    if worst != .bad { worst = verdict }
    told.append("\(may) \(attributes.joined(separator: ", "))")
  }
}

extension Finding {
  static func unseen(_ check: String, _ unseen: Unseen, mend: String? = nil) -> Finding {
    Finding(
      check, .unknown, unseen.why, why: "It was not looked at, so it may be right or wrong.",
      mend: mend ?? "Run it as root on the directory's host; --ldapi, --config-dn and --slapd-config name another place"
    )
  }
}
