/// Sessions that were signed out before their end, as `drawbridgeSessionEnded` has them: a value each, the session's end
/// and its id in hexadecimal digits, a blank between them. Compared by id alone.
public struct EndedSessions: Equatable, Sendable {
  /// One more ends all sessions of the account, so that its entry does not grow.
  public static let countMax = 32
  /// A value stays for so long after the session's end: the clock of another daemon may be behind.
  public static let keptSeconds: Int64 = 600

  /// In one order, however the server gave them.
  public let stored: [[UInt8]]

  public init(stored: [[UInt8]] = []) { self.stored = stored.sorted { $0.lexicographicallyPrecedes($1) } }

  public static func value(id: [UInt8], ends: Timestamp) -> [UInt8] {
    Array("\(ends.generalizedTime) ".utf8) + hexadecimal(id)
  }

  public func contains(_ id: [UInt8]) -> Bool {
    let name = Self.hexadecimal(id)
    return stored.contains { $0.split(separator: UInt8(ascii: " ")).last.map { $0.elementsEqual(name) } ?? false }
  }

  /// Values that no session needs any more, what is none of ours among them.
  public func outdated(at now: Timestamp) -> [[UInt8]] {
    stored.filter { value in
      let time = Timestamp(generalizedTime: Array(value.prefix { $0 != UInt8(ascii: " ") }))
      return time.map { Self.isOutdated($0, at: now) } ?? true
    }
  }

  /// Whether a session with this end is over on every daemon.
  public static func isOutdated(_ ends: Timestamp, at now: Timestamp) -> Bool {
    ends.adding(seconds: keptSeconds) <= now
  }

  public func isFull(at now: Timestamp) -> Bool { stored.count - outdated(at: now).count >= Self.countMax }

  private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}
