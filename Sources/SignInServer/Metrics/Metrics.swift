internal import Directory
internal import Mail
internal import SignIn
internal import Synchronization

/// What the daemon counts of its own work, since its start. No label holds what a client said, and none names an account.
///
/// What can be asked for at any time is not counted: ``Survey`` asks.
final class Metrics: Sendable {
  /// All that is counted, in the order in which it is shown.
  struct Counts: Sendable {
    var flows = Tally(
      "drawbridge_flows", "Flows that came to an end, by kind and result (docs/audit.md).",
      by: [("flow", Names.flows), ("result", Names.results)])
    var asked = Tally(
      "drawbridge_prompts", "What users were asked, by prompt and by what was wrong with the answer before.",
      by: [("prompt", Names.prompts), ("refused", Names.refusals)])
    var later = Tally(
      "drawbridge_later", "Replies LATER, by reason: nothing was decided, nothing counted.",
      by: [("reason", Names.later)])
    var refusalsHeld = Tally("drawbridge_refusals_held", "Refusals that were held back to limits.refusal-floor.")
    var unknownKeys = Tally(
      "drawbridge_unknown_keys",
      "What is sealed under a key that keys.ring lacks, by where it stood; a token may be anybody's invention.",
      by: [("in", Names.sealed)])
    var unopened = Tally(
      "drawbridge_unopened_secrets",
      "Authenticators that their key does not open: damaged, of another entry, or of another ring.")
    var acts = Tally(
      "drawbridge_administration", "Requests of administrators, by verb and result.",
      by: [("verb", Names.verbs), ("result", Names.acts)])
    var sessionsOpened = Tally("drawbridge_sessions_opened", "Sessions that were opened.")
    var sessions = Tally(
      "drawbridge_sessions_asked", "Requests SESSION that were answered, by result.", by: [("result", Names.sessions)])
    var signOuts = Tally(
      "drawbridge_signouts", "Requests SIGNOUT of a session, by result (docs/audit.md).",
      by: [("result", Names.signOuts)])
    var hashesRefused = Tally("drawbridge_hashes_refused", "Hashes that found the queue full (limits.hash-queue-max).")
    var hashWait = Timing("drawbridge_hash_wait_seconds", "Time for which hashes waited for a thread.")
    var hashDuration = Timing("drawbridge_hash_duration_seconds", "Time that hashes took on their thread.")
    var operations = Tally(
      "drawbridge_directory_operations", "Operations of the directory, by kind and result.",
      by: [("operation", Names.operations), ("result", Names.operationResults)])
    var operationDuration = Timing(
      "drawbridge_directory_operation_seconds", "Time that operations of the directory took, their turn included.",
      by: "operation", Names.operations)
    var directory = DirectoryCounts()
    var mails = Tally(
      "drawbridge_mails", "Mails, by what became of each try to send them.", by: [("result", Names.mails)])
    var accepted = Tally(
      "drawbridge_connections_accepted", "Connections that were admitted, by the role of their socket.",
      by: [("role", Names.roles)])
    var refused = Tally(
      "drawbridge_connections_refused", "Connections that were refused, by reason.", by: [("reason", Names.noPlace)])
    var sweeps = Tally(
      "drawbridge_sweeps", "Sweeps that came to an end on this daemon, dry ones apart.", by: [("result", Names.sweeps)])
    var swept = Tally(
      "drawbridge_swept_accounts", "Accounts that sweeps of this daemon have changed, warned or skipped, by action.",
      by: [("action", Names.swept)])
    var lastSweep = LastSweep()
    var reloads = Tally(
      "drawbridge_reloads", "Configurations that were read anew, by result.", by: [("result", Names.reloads)])

    var families: [MetricFamily] {
      [
        flows, asked, later, refusalsHeld, unknownKeys, unopened, acts, sessionsOpened, sessions, signOuts,
        hashesRefused,
      ]
      .map(\.family) + [hashWait.family, hashDuration.family, operations.family, operationDuration.family]
        + directory.families + [mails, accepted, refused, sweeps, swept].map(\.family) + lastSweep.families
        + [reloads.family]
    }
  }

  private let counts = Mutex(Counts())

  func count(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }

  var families: [MetricFamily] { counts.withLock { $0 }.families }
}

// MARK: - What happens

extension Metrics {
  /// The audit hears of each flow's end and each act: so do the counts.
  func count(_ event: AuditEvent) {
    count { counts in
      switch event.kind {
      case .flow: counts.flows.add(event.name, event.result)
      case .session: counts.signOuts.add(event.result)
      case .administration: counts.acts.add(event.name, Names.acts.contains(event.result) ? event.result : "not-done")
      case .sweep: break
      }
    }
  }

  func asked(_ ask: Ask) { count { $0.asked.add(Names.prompt(ask.prompt), Names.refusal(ask.refused)) } }

  func swept(_ outcome: Result<Sweep.Outcome, Sweep.Failure>, took: Duration) {
    count { counts in
      switch outcome {
      case .success(.swept(let summary)):
        counts.sweeps.add("done")
        counts.lastSweep.duration = took
        for (act, count) in summary.counts { counts.swept.add(act.rawValue, count: count) }
      case .success(.refused): counts.sweeps.add("refused")
      case .failure: counts.sweeps.add("cut-short")
      }
    }
  }

  func mailed(_ event: Outbox.Event) {
    let result =
      switch event {
      case .sent: "sent"
      case .postponed: "postponed"
      case .dropped: "dropped"
      case .full: "full"
      }
    count { $0.mails.add(result) }
  }
}

extension Metrics: DirectoryObserver {
  func connected(to uri: String) { count { $0.directory.connected(to: uri) } }

  func failed(_ uri: String) { count { $0.directory.failed(uri) } }

  func foundNone() { count { $0.directory.foundNone() } }

  func ended(_ operation: DirectoryOperation, _ result: DirectoryOperation.Result, after duration: Duration) {
    count {
      $0.operations.add(operation.rawValue, result.rawValue)
      $0.operationDuration.add(duration, of: operation.rawValue)
    }
  }
}

/// Which servers were reached.
struct DirectoryCounts: Sendable {
  private struct Server: Sendable {
    var opened: UInt64 = 0
    var failed: UInt64 = 0
  }

  static let serversMax = 64
  private var servers: [String: Server] = [:]
  private var current: String?
  private var isUp = false
  private var failOvers: UInt64 = 0

  fileprivate mutating func connected(to uri: String) {
    count(uri) { $0.opened += 1 }
    if let current, current != uri { failOvers += 1 }
    current = uri
    isUp = true
  }

  fileprivate mutating func failed(_ uri: String) { count(uri) { $0.failed += 1 } }

  fileprivate mutating func foundNone() { isUp = false }

  /// They come from the configuration, or a domain's records: there may be more than is worth counting.
  private mutating func count(_ uri: String, _ change: (inout Server) -> Void) {
    guard servers[uri] != nil || servers.count < Self.serversMax else { return }
    change(&servers[uri, default: Server()])
  }

  var families: [MetricFamily] {
    let all = servers.sorted { $0.key < $1.key }
    return [
      MetricFamily(
        "drawbridge_directory_up", .gauge, "Whether a server of the directory was usable when one was last looked for.",
        isUp ? 1 : 0),
      MetricFamily(
        "drawbridge_directory_server_current", .gauge, "1 for the server that was last connected to.", by: "uri",
        all.map { ($0.key, isUp && $0.key == current ? 1 : 0) }),
      MetricFamily(
        "drawbridge_directory_connections", .counter, "Connections to servers of the directory, by result.",
        all.flatMap { uri, server in
          [("opened", server.opened), ("failed", server.failed)].map { result, count in
            MetricFamily.Sample(labels: [("uri", uri), ("result", result)], value: Double(count))
          }
        }),
      MetricFamily(
        "drawbridge_directory_failovers", .counter, "Changes from one server of the directory to another.",
        Double(failOvers)),
    ]
  }
}

struct LastSweep: Sendable {
  /// As the directory has it, whichever daemon it was; nil until that was read.
  var ended: Timestamp?
  /// Of this daemon's own.
  fileprivate var duration: Duration?

  fileprivate var families: [MetricFamily] {
    [
      MetricFamily(
        "drawbridge_last_sweep_timestamp_seconds", .gauge, unit: "seconds",
        "When a sweep of any daemon last came to its end, as the directory has it.",
        ended.map { [.init(value: Double($0.seconds))] } ?? []),
      MetricFamily(
        "drawbridge_last_sweep_duration_seconds", .gauge, unit: "seconds",
        "How long the last sweep of this daemon took.", duration.map { [.init(value: $0.inSeconds)] } ?? []),
    ]
  }
}
