internal import Configuration
internal import Secrets
internal import SignIn
internal import Synchronization

/// Strings of password and code that were right a moment ago, as keyed digests: the same one again is neither a second
/// sign-in nor a wrong guess. Bounded, and gone with the daemon; each daemon has its own.
struct RecentStrings: Sendable {
  struct Key: Hashable, Sendable {
    fileprivate let digest: [UInt8]
  }

  struct Entry: Sendable {
    let account: EntryUUID
    fileprivate let service: [UInt8]
    /// Nil where the service is granted no while.
    fileprivate let session: [UInt8]?
    /// Until when the session counts.
    fileprivate let graceEnds: ContinuousClock.Instant
    fileprivate let forgotten: ContinuousClock.Instant

    /// The session that the string opened for this very service, where it may be used again.
    func token(for service: [UInt8], at now: ContinuousClock.Instant) -> [UInt8]? {
      service == self.service && now < graceEnds ? session : nil
    }
  }

  static let entriesMax = 16_384
  /// No code is right for longer.
  private static let codeLifetime = Duration.seconds(120)

  private let table = Table()
  private let turns = Turnstile()
  private let keys: KeyRing
  private var graces: [[UInt8]: Duration] = [:]

  init(keys: KeyRing, services: [ServiceTable]) {
    self.keys = keys
    graces = Self.graces(services)
  }

  /// The same strings, for what the services are granted from now on.
  func granting(_ services: [ServiceTable]) -> RecentStrings {
    var strings = self
    strings.graces = Self.graces(services)
    return strings
  }

  private static func graces(_ services: [ServiceTable]) -> [[UInt8]: Duration] {
    services.reduce(into: [:]) { $0[Array($1.name.utf8)] = $1.grace.duration }
  }

  /// Nil only where the key ring fails.
  func key(login: [UInt8], secret: Secret) -> Key? {
    let parts = [login, secret.withBytes { Array($0) }]
    return (try? keys.authenticator(purpose: "recent string", parts: parts)).map { Key(digest: $0) }
  }

  subscript(_ key: Key) -> Entry? { table[key, at: .now] }

  var count: Int { table.count }

  /// - Parameter session: opens one, where the service is granted a while.
  func keep(_ key: Key, of account: EntryUUID, service: [UInt8], session: () -> [UInt8]?) {
    let now = ContinuousClock.now
    let grace = graces[service] ?? .zero
    table.keep(
      Entry(
        account: account, service: service, session: grace > .zero ? session() : nil, graceEnds: now + grace,
        forgotten: now + max(grace, Self.codeLifetime)),
      at: key, now)
  }

  // MARK: One at a time of each

  func enter(_ key: Key) async throws(Turnstile.Crowded) { _ = try await turns.enter(turn(key), since: 0) }

  func leave(_ key: Key) async { await turns.leave(turn(key)) }

  private func turn(_ key: Key) -> Turnstile.Key { Turnstile.Key(subject: key.digest, factor: .authenticator) }

  private final class Table: Sendable {
    private let entries = Mutex<[Key: Entry]>([:])

    var count: Int { entries.withLock(\.count) }

    subscript(_ key: Key, at now: ContinuousClock.Instant) -> Entry? {
      entries.withLock { entries in
        guard let entry = entries[key], now < entry.forgotten else {
          entries[key] = nil
          return nil
        }
        return entry
      }
    }

    /// Only a sign-in adds one. Of too many, the next to be forgotten goes.
    func keep(_ entry: Entry, at key: Key, _ now: ContinuousClock.Instant) {
      entries.withLock { entries in
        if entries.count >= RecentStrings.entriesMax {
          entries = entries.filter { now < $0.value.forgotten }
          if entries.count >= RecentStrings.entriesMax,
            let next = entries.min(by: { $0.value.forgotten < $1.value.forgotten })
          {
            entries[next.key] = nil
          }
        }
        entries[key] = entry
      }
    }
  }
}
