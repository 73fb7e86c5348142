internal import Configuration
internal import Glibc
internal import Logging
internal import Mail
internal import Secrets
internal import SignIn

/// What outlives a configuration: whoever counts, waits or is held off does so across a reload.
final class Lasting: Sendable {
  let metrics = Metrics()
  let turnstile = Turnstile()
  let penalties = SourcePenalties()
  let shadows: ShadowBudgets
  let refusedWrites = RefusedWrites()
  let hashing: HashingThreads
  let recentStrings: RecentStrings
  let sweepAlarm = Sweep.Alarm()
  let outbox: Outbox
  let relay: CurrentRelay
  /// By which tables know a login. The ring that the daemon began with, or what they hold would be lost with each new
  /// active key.
  let tableKeys: KeyRing

  init(
    _ configuration: Configuration, _ keys: KeyRing, _ relay: Relay?, random: @escaping RandomBytes,
    now: @escaping @Sendable () -> Timestamp, logger: Logger
  ) {
    tableKeys = keys
    self.relay = CurrentRelay(relay)
    outbox = Assembly.outbox(configuration.mail, self.relay, random: random, now: now, metrics, logger: logger)
    hashing = HashingThreads(
      threads: Self.hashThreads(configuration.limits), waitingMax: configuration.limits.hashQueueMax, metrics: metrics)
    shadows = ShadowBudgets(tablesMax: configuration.limits.shadowMax)
    recentStrings = RecentStrings(keys: keys, services: configuration.service)
  }

  /// Takes the limits of a configuration that is in use from now on.
  func adapt(to parts: Parts) async {
    let limits = parts.configuration.limits
    relay.set(parts.relay)
    outbox.setQueueMax(parts.configuration.mail.queueMax)
    await hashing.adapt(threads: Self.hashThreads(limits), waitingMax: limits.hashQueueMax)
    await shadows.adapt(tablesMax: limits.shadowMax)
  }

  private static func hashThreads(_ limits: LimitSettings) -> Int {
    limits.hashThreads > 0 ? limits.hashThreads : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }
}
