public import Configuration
internal import Directory
internal import Glibc
public import Logging
internal import Mail
internal import ServiceLifecycle
internal import UnixSignals
internal import Wire

/// The daemon, put together from its configuration.
public struct Daemon {
  public static let version = Version.current

  /// Why it cannot start: one line that names the setting to change.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let file: String
  private let logger: Logger
  private let current: CurrentParts
  private let listeners: Listeners

  /// Reads the key ring, the secrets and the templates; reaches out to nobody.
  ///
  /// - Parameter file: where the configuration came from.
  public init(_ configuration: Configuration, file: String, logger: Logger) throws(Failure) {
    self.file = file
    self.logger = logger
    current = CurrentParts(try Parts(configuration, file: file, lasting: nil, logger: logger))
    listeners = try Assembly.asking { () throws(Credentials.Failure) in try Listeners(configuration, logger: logger) }
  }

  /// Serves until SIGTERM or SIGINT; SIGHUP makes it read its configuration anew.
  ///
  /// - Parameter environment: where a service manager says how it wants to be told, and which sockets it holds.
  public func run(environment: [String: String], hangups: Hangups) async throws {
    signal(SIGPIPE, SIG_IGN)
    let configuration = current.parts.configuration
    let supervisor = Supervisor(environment: environment)
    let handed = HandedSockets(environment: environment)
    let admission = Admission(
      connectionsMax: FileDescriptors.connectionsMax(configuration, logger: logger),
      perUIDMax: configuration.limits.connectionsPerUIDMax)
    let lasting = current.service.lasting
    let reloading = Reloading(
      current, lasting, listeners, admission, supervisor, file: file, environment: environment, logger: logger)
    let begun = ContinuousClock.now
    let survey = Survey(current: current, admission: admission, listeners: listeners)
    let administration: @Sendable () -> Administration = { [current] in
      Administration(parts: current.parts, admission: admission, reloading: reloading, survey: survey, begun: begun)
    }
    // A directory that is down is no reason not to start: clients hear LATER until it is back.
    try? await current.service.accounts.ping()
    var services = try listeners.open(current, administration, survey, admission, handed)
    services.append(Watchdog(supervisor: supervisor, current: current, reloading: reloading))
    services.append(MetricsFile(current: current, survey: survey))
    services.append(SweepSchedule(current: current))
    services.append(DigestSchedule(current: current))
    let together = Together(services: services, supervisor: supervisor, admission: admission)
    var group = ServiceGroupConfiguration(services: [together], logger: logger)
    group.maximumGracefulShutdownDuration = Drain.total
    let lifecycle = ServiceGroup(configuration: group)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    supervisor.tell(.ready, status: "serving")
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { [logger] in
        await Signals.listen(signals, hangups, logger: logger) {
          Task { await lifecycle.triggerGracefulShutdown() }
        } reload: {
          Task { await reloading.reload(for: nil) }
        }
      }
      try await lifecycle.run()
      tasks.cancelAll()
    }
    _ = await lasting.outbox.close(within: Drain.mail)
    await current.service.accounts.close()
  }
}
