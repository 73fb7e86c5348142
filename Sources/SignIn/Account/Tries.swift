/// What a budget counts.
public enum Factor: String, Sendable, CaseIterable, Hashable {
  case password, authenticator, forgot, mailedCode
  /// No guesses: the codes, and the notices, that were mailed to an account.
  case mail, notice

  /// What an administrator's unlocking forgives.
  public static let guesses: [Factor] = [.password, .authenticator, .forgot, .mailedCode]
}

/// One budget: how often in a row, and when. Stored as `consecutive time time …`, newest last; absent means none.
///
/// Times keep microseconds so that two charges never write the same value: a compare-and-set whose new value equals
/// the old one lets every racer through.
public struct Tries: Equatable, Sendable {
  /// The bytes as read, for the compare-and-set; nil where the attribute is absent.
  public var stored: [UInt8]?
  public var consecutive: Int
  public var recent: [Timestamp]

  /// More than any allowance looks at.
  static let recentMax = 30
  static let consecutiveMax = 1_000_000
  /// Clocks that agree on the code of an authenticator app are no further apart. What is stored further ahead than
  /// that was stored by a clock that was wrong.
  static let aheadMaxSeconds: Int64 = 30

  public static let none = Tries(stored: nil, consecutive: 0, recent: [])

  init(stored: [UInt8]?, consecutive: Int, recent: [Timestamp]) {
    self.stored = stored
    self.consecutive = consecutive
    self.recent = recent
  }

  /// A value that cannot be read (an administrator's typing) counts as none; the next charge replaces it.
  public init(stored: [UInt8]) {
    self = .none
    self.stored = stored
    let words = stored.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    guard let first = words.first, (1...7).contains(first.count), words.count <= Self.recentMax + 1,
      first.allSatisfy({ (0x30...0x39).contains($0) })
    else { return }
    let times = words.dropFirst().compactMap { Timestamp(generalizedTime: Array($0)) }
    guard times.count == words.count - 1 else { return }
    consecutive = min(first.reduce(0) { $0 * 10 + Int($1 - 0x30) }, Self.consecutiveMax)
    recent = times
  }

  /// The same without its newest try.
  public func withoutLast() -> Tries {
    Tries(stored: stored, consecutive: max(0, consecutive - 1), recent: Array(recent.dropLast()))
  }

  /// The same entry's budget with further tries that are not stored there.
  public func counting(_ others: Tries) -> Tries {
    Tries(
      stored: stored, consecutive: min(consecutive + others.consecutive, Self.consecutiveMax),
      recent: Array((recent + others.recent).sorted().suffix(Self.recentMax)))
  }

  /// The times that a verdict at `now` looks at: no account rests because a clock was wrong once.
  func recent(at now: Timestamp) -> [Timestamp] {
    let latest = now.adding(seconds: Self.aheadMaxSeconds)
    return recent.filter { $0 <= latest }
  }

  /// One more at `now`. Strictly later than the last one where the clock stands still or lags a little; times that a
  /// wrong clock stored are pulled back to `now`, so that they count from here on.
  public func charged(at now: Timestamp) -> Tries {
    let past = recent(at: now).count == recent.count ? recent : recent.map { min($0, now) }
    let last = past.last.map { Timestamp(microseconds: $0.microseconds + 1) }
    let stamp = last.map { max($0, now) } ?? now
    return Tries.encoded(
      consecutive: min(consecutive + 1, Self.consecutiveMax), recent: past.suffix(Self.recentMax - 1) + [stamp])
  }

  /// The same memory, but no longer in a row.
  public func interrupted() -> Tries {
    recent.isEmpty && consecutive == 0 ? self : Tries.encoded(consecutive: 0, recent: recent)
  }

  private static func encoded(consecutive: Int, recent: [Timestamp]) -> Tries {
    let text = ([String(consecutive)] + recent.map(\.generalizedTime)).joined(separator: " ")
    return Tries(stored: Array(text.utf8), consecutive: consecutive, recent: recent)
  }
}

/// The budgets of one account.
public struct TriesTable: Equatable, Sendable {
  private var table: [Factor: Tries] = [:]
  public init() {}

  public subscript(_ factor: Factor) -> Tries {
    get { table[factor] ?? .none }
    set { table[factor] = newValue == .none ? nil : newValue }
  }
}
