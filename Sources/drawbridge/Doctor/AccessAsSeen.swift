import Wire

/// The access rules as five identities meet them in one account, by slapacl: who may do what with the hash, the secret,
/// the counters, the state and the names that people are found by.
enum AccessAsSeen {
  enum Identity: String, CaseIterable {
    case anonymous, owner = "self", other, administrator, daemon

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
  /// Of ppolicy.
  static let lock = ["pwdAccountLockedTime"]

  /// - Parameters:
  ///   - names: the attributes that people are found by.
  ///   - seen: by identity, of those that could be told.
  static func findings(
    names: [String], knowsPasswordPolicy: Bool, _ seen: [(Identity, Result<Rights, Unseen>)]
  ) -> [Finding] {
    seen.map { identity, rights in
      let check = "access.\(identity.rawValue)"
      switch rights {
      case .failure(let unseen): return .unseen(check, unseen)
      case .success(let rights):
        let all = hash + secrets + state + names + (knowsPasswordPolicy ? lock : [])
        // What slapacl passed over in silence was not seen.
        if let missing = all.first(where: { rights.of($0) == nil }) {
          return .unseen(check, Unseen("slapacl says nothing of \(missing)"))
        }
        return judge(identity, Faults(of: identity, rights, names: names, lock: knowsPasswordPolicy ? lock : []))
      }
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

  init(of identity: AccessAsSeen.Identity, _ rights: Rights, names: [String], lock: [String]) {
    let (hash, secrets, state) = (AccessAsSeen.hash, AccessAsSeen.secrets, AccessAsSeen.state)
    switch identity {
    case .anonymous, .owner, .other:
      add(.bad, "may read", (hash + secrets).filter(rights.mayRead))
      add(.bad, "may guess", (hash + secrets).filter { rights.mayGuess($0) && !rights.mayRead($0) })
      add(.bad, "may write", (hash + secrets + state + names + lock).filter(rights.mayChange))
      add(.bad, "may write", ["objectClass"].filter(rights.mayChange))
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
      add(.warning, "may write", names.filter(rights.mayChange))
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
