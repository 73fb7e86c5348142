internal import SignIn

/// After a change of the provider, the new one may lack what the old one took last: a code that was used there would be
/// good once more. So whatever may have been used before the change is refused, until time has made it void or the new
/// one is known to have everything.
struct Fence: Equatable, Sendable {
  /// The last time step (RFC 6238) that may have been accepted on a server, and be unknown to the one in use.
  private var steps: [String: Int64] = [:]
  private var through: Int64? { steps.values.max() }

  /// One later step may have counted (`totp.window-forward`).
  mutating func raise(for uri: String, at moment: Timestamp) {
    steps = steps.filter { $0.value >= moment.timeStep }
    steps[uri] = moment.timeStep + 1
  }

  /// The one in use has whatever this server has.
  mutating func lift(for uri: String) { steps[uri] = nil }

  /// For how many seconds a change has to wait; nil where it need not.
  func holds(_ change: Change, at now: Timestamp) -> Int? {
    guard let through, through >= now.timeStep, let use = change.use else { return nil }
    if case .step(let step) = use, step > through { return nil }
    return seconds(at: now)
  }

  /// What is left of it, 0 where it is over.
  func seconds(at now: Timestamp) -> Int {
    guard let through else { return 0 }
    return Int(Timestamp(seconds: (through + 1) * Timestamp.stepSeconds).secondsSince(now))
  }

  /// The longest that any change has to wait.
  static let seconds = Int(2 * Timestamp.stepSeconds)
}

extension Timestamp {
  fileprivate static let stepSeconds: Int64 = 30
  fileprivate var timeStep: Int64 { seconds / Self.stepSeconds }
}

extension Change {
  /// What is good once, and is used up by a change.
  fileprivate enum Use {
    case step(Int64)
    /// A mailed or a recovery code.
    case code
  }

  fileprivate var use: Use? {
    switch self {
    case .signIn(_, let step, _), .useStep(_, let step): .step(step)
    case .signInWithRecoveryCode, .useRecoveryCode, .useMailedCode: .code
    default: nil
    }
  }
}

extension Servers {
  /// Returns where a change may be sent to the server that is used now.
  func pass(_ change: Change) async throws(DirectoryError) {
    if isSuperseded, change.use != nil { throw .fenced(seconds: Fence.seconds) }
    guard fence.holds(change, at: now()) != nil else { return }
    await settling?.value
    if let seconds = fence.holds(change, at: now()) { throw .fenced(seconds: seconds) }
  }

  /// - Parameters:
  ///   - before: the server that was used; nil where that is not known, so that it may have been any of the others.
  ///   - old: the connection to it, where it is still open.
  func raiseFence(before: String?, _ checked: CheckedConnection, after old: CheckedConnection?) {
    let moment = now()
    for uri in before.map({ [$0] }) ?? servers.map(\.uri) { fence.raise(for: uri, at: moment) }
    fence.lift(for: checked.connection.uri)
    settling = Task { await settle(checked, after: old, isFirst: before == nil) }
  }

  /// Lifts the fence where the server that is used now is seen to have whatever the others have that answer. One that
  /// was used before and does not answer is never known to be covered.
  private func settle(_ checked: CheckedConnection, after old: CheckedConnection?, isFirst: Bool) async {
    if let old, old.index != checked.index {
      await old.connection.retire(closes: false)
      if await covers(checked, old) { lift(old.connection.uri, by: checked) }
      await old.connection.close()
    } else if isFirst, checked.index == 0 {
      // The first that a daemon uses: what another one wrote a moment ago, while this server was away, may be missing.
      for index in servers.indices.dropFirst() {
        guard let other = try? await attempt(index) else {
          lift(servers[index].uri, by: checked)
          continue
        }
        if await covers(checked, other, orIsUnknown: true) { lift(servers[index].uri, by: checked) }
        await other.connection.close()
      }
    }
  }

  private func lift(_ uri: String, by checked: CheckedConnection) {
    if current?.connection === checked.connection { fence.lift(for: uri) }
  }

  /// Whether one server has what the other has, within a moment.
  private func covers(
    _ checked: CheckedConnection, _ other: CheckedConnection, orIsUnknown isUnknownEnough: Bool = false
  ) async -> Bool {
    guard let theirs = try? await ServerProbe(other.connection, isLast: true).contextCSN(of: base) else {
      return isUnknownEnough
    }
    for _ in 0..<Self.looks {
      guard let own = try? await ServerProbe(checked.connection).contextCSN(of: base) else { return isUnknownEnough }
      if own.covers(theirs) { return true }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return false
  }
  /// A tenth of a second each: a client waits meanwhile.
  private static var looks: Int { 20 }
}
