internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// What all conversations share: the directory, the keys, the clock, the threads, and what the organisation decided.
struct SignInService: Sendable {
  /// Across configurations.
  let lasting: Lasting
  let accounts: AccountDirectory
  let keys: KeyRing
  let rules: Rules
  let hashParameters: Argon2Parameters
  let decoy: PasswordHash
  let sessions: Sessions
  let serviceGroups: ServiceGroups
  let postbox: Postbox
  let texts: Texts
  let totpWindow: ClosedRange<Int64>
  /// A refusal is released no earlier than this after its request, whatever the work took.
  let refusalFloor: Duration
  let idleTimeout: Duration
  let trustedUIDs: Set<UInt32>
  let now: @Sendable () -> Timestamp
  let random: RandomBytes
  let logger: Logger

  var hashing: HashingThreads { lasting.hashing }
  var metrics: Metrics { lasting.metrics }
  var turnstile: Turnstile { lasting.turnstile }
  var penalties: SourcePenalties { lasting.penalties }
  var shadows: ShadowBudgets { lasting.shadows }
  var refusedWrites: RefusedWrites { lasting.refusedWrites }

  /// What stands for a login in tables and logs that must not show it.
  func digest(of login: [UInt8]) -> [UInt8] {
    let folded = login.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    return (try? lasting.tableKeys.authenticator(purpose: "login", parts: [folded])) ?? folded
  }
}
