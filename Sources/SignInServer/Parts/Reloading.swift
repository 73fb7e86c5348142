internal import Configuration
internal import Directory
internal import Logging
internal import Secrets
internal import SignIn
internal import Synchronization

/// Reads the configuration anew, and puts it in the place of the present one where all of it is good.
actor Reloading {
  enum Outcome: Sendable, Equatable {
    /// Names of settings: those that hold from now on, and those that need a restart.
    case reloaded(changed: [String], restart: [String])
    /// The present configuration stays in use; the reason names the setting, and holds no secret.
    case refused(String)
  }

  private let current: CurrentParts
  private let lasting: Lasting
  private let listeners: Listeners
  private let admission: Admission
  private let supervisor: Supervisor
  private let file: String
  private let environment: [String: String]
  private let logger: Logger
  private var running: Task<Outcome, Never>?
  /// Not begun yet: what it will read is later than any request before.
  private var waiting: Task<Outcome, Never>?
  private nonisolated let refusal = Mutex<String?>(nil)

  init(
    _ current: CurrentParts, _ lasting: Lasting, _ listeners: Listeners, _ admission: Admission,
    _ supervisor: Supervisor, file: String, environment: [String: String], logger: Logger
  ) {
    self.current = current
    self.lasting = lasting
    self.listeners = listeners
    self.admission = admission
    self.supervisor = supervisor
    self.file = file
    self.environment = environment
    self.logger = logger
  }

  /// Why the last reload was refused; nil where it was not.
  nonisolated var lastRefusal: String? { refusal.withLock { $0 } }

  /// One at a time; of many that come meanwhile, one.
  ///
  /// - Parameter peer: who asked; nil for a signal.
  func reload(for peer: Peer?) async -> Outcome {
    let outcome = await next()
    let result: String
    var facts: [(String, [UInt8])] = []
    switch outcome {
    case .reloaded(let changed, let restart):
      result = "done"
      if !changed.isEmpty { facts.append(("changed", Array(changed.joined(separator: ",").utf8))) }
      if !restart.isEmpty { facts.append(("restart", Array(restart.joined(separator: ",").utf8))) }
    case .refused: result = "refused"
    }
    current.service.metrics.count { $0.reloads.add(result == "done" ? "done" : "failed") }
    current.service.audit(
      AuditEvent(kind: .administration, name: "reload", result: result, peer: peer, facts: facts))
    return outcome
  }

  private func next() async -> Outcome {
    if let waiting { return await waiting.value }
    let before = running
    let task = Task {
      _ = await before?.value
      begin()
      return await carryOut()
    }
    waiting = task
    return await task.value
  }

  private func begin() {
    running = waiting
    waiting = nil
  }

  private func carryOut() async -> Outcome {
    supervisor.tell(.reloading)
    defer { supervisor.tell(.ready, status: lastRefusal.map { "serving; not reloaded: \($0)" } ?? "serving") }
    do {
      let configuration = try Configuration.load(path: file, environment: environment)
      var logger = logger
      logger.logLevel = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
      let parts = try Parts(configuration, file: file, lasting: lasting, logger: logger)
      let files = try listeners.read(configuration)
      await parts.service.accounts.succeed(current.service.accounts)
      await lasting.adapt(to: parts)
      admission.adapt(
        connectionsMax: FileDescriptors.connectionsMax(configuration, logger: logger),
        perUIDMax: configuration.limits.connectionsPerUIDMax)
      listeners.adapt(to: configuration, files)
      let before = current.replace(by: parts)
      refusal.withLock { $0 = nil }
      let restart = listeners.needRestart(configuration) ? ["listen"] : []
      let changed =
        configuration.changes(from: before.configuration).filter { $0 != "listen" || restart.isEmpty }
        + Self.changedKeys(parts, before)
      logger.notice(
        "reloaded",
        metadata: [
          "changed": "\(changed.isEmpty ? "no setting" : changed.joined(separator: ","))",
          "restart-needed": "\(restart.isEmpty ? "no" : restart.joined(separator: ","))",
        ])
      return .reloaded(changed: changed, restart: restart)
    } catch {
      let reason = "\(error)".split(whereSeparator: \.isNewline).joined(separator: "; ")
      refusal.withLock { $0 = reason }
      logger.error("not reloaded: the configuration before it stays in use", metadata: ["reason": "\(reason)"])
      return .refused(reason)
    }
  }

  /// The file may be another one under the same name.
  private static func changedKeys(_ now: Parts, _ before: Parts) -> [String] {
    let (new, old) = (now.service.keys, before.service.keys)
    let isSame = new.keyIDs == old.keyIDs && new.activeKeyID == old.activeKeyID
    return isSame || now.configuration.keys != before.configuration.keys ? [] : ["keys.ring"]
  }
}
