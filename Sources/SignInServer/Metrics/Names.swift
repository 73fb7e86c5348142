internal import Configuration
internal import Directory
internal import SignIn

extension Metrics {
  /// Every value that a label can have.
  enum Names {
    static let flows = ["signin", "first", "forgot", "change", "reenrol", "account", "resume"]
    /// Those of `docs/audit.md`.
    static let results = [
      "signed-in", "signed-in-again", "password-changed", "enrolled", "active", "denied", "locked", "source-locked",
      "deactivated", "password-expired", "not-a-member", "unsupported", "expired", "parked", "void", "no-code",
      "reused", "busy", "later", "cancelled", "dropped", "gone",
    ]
    static let prompts = ["password", "code", "new-password", "confirm-password", "totp", "combined", "enrol"]
    static let refusals = ["none", "wrong", "reused", "expired", "too-soon", "rule"]
    static let later = ["busy", "directory", "hashing", "keys", "randomness", "sessions"]
    static let sealed = ["account", "token"]
    static let verbs = [
      "invite", "import", "adopt", "show", "explain", "list", "reactivate", "deactivate", "unlock", "reset",
      "signout-all", "undo", "status", "sweep", "check", "metrics", "keys", "reload",
    ]
    static let acts = ["done", "dry-run", "refused", "not-done"]
    static let sessions = ["good", "over", "not-a-member"]
    static let signOuts = ["signed-out", "signed-out-everywhere", "over-already", "changed"]
    static let operations = DirectoryOperation.allCases.map(\.rawValue)
    static let operationResults = DirectoryOperation.Result.allCases.map(\.rawValue)
    static let mails = ["sent", "postponed", "dropped", "full"]
    static let roles = Listener.Role.allCases.map(\.rawValue)
    /// No place at all, for a stranger over TLS (`limits.startups`, `connections-per-source-max`), and no handshake.
    static let noPlace = ["full", "startups", "handshake"]
    static let sweeps = ["done", "refused", "cut-short"]
    static let swept = ["deactivated", "warned", "reactivated", "skipped", "clock-set", "invitation-dated"]
    static let reloads = ["done", "failed"]

    static func prompt(_ prompt: Ask.Prompt) -> String {
      switch prompt {
      case .password: "password"
      case .code: "code"
      case .newPassword: "new-password"
      case .confirmPassword: "confirm-password"
      case .totp: "totp"
      case .combined: "combined"
      case .enrol: "enrol"
      }
    }

    static func refusal(_ refusal: Ask.Refusal?) -> String {
      switch refusal {
      case nil: "none"
      case .wrong: "wrong"
      case .reused: "reused"
      case .expired: "expired"
      case .tooSoon: "too-soon"
      case .password: "rule"
      }
    }
  }
}
