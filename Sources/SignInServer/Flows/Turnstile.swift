internal import SignIn

/// Lets one evaluation at a time through for each account and factor. Whoever comes after another is told so: what it
/// had read before may be old. So no more guesses are evaluated than the budget allows, and a sign-in that meets
/// nobody costs no second read.
actor Turnstile {
  struct Key: Hashable, Sendable {
    let subject: [UInt8]
    /// Nil for what is no guess.
    let factor: Factor?
  }

  private struct Gate {
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private var gates: [Key: Gate] = [:]
  /// Counts the times that somebody left.
  private var tick: UInt64 = 0
  /// When somebody last left, for as long as it is remembered.
  private var left: [Key: UInt64] = [:]
  /// Nothing is remembered of what happened before.
  private var forgottenBefore: UInt64 = 0

  static let waitingMax = 256
  static let rememberedMax = 4096

  /// A mark to be taken before reading an account.
  var mark: UInt64 { tick }

  struct Crowded: Error {}

  /// Waits for the turn. True where somebody else may have changed the budget since `mark`.
  func enter(_ key: Key, since mark: UInt64) async throws(Crowded) -> Bool {
    if gates[key] == nil {
      gates[key] = Gate()
    } else {
      guard gates[key, default: Gate()].waiting.count < Self.waitingMax else { throw Crowded() }
      await withCheckedContinuation { gates[key, default: Gate()].waiting.append($0) }
    }
    return (left[key] ?? forgottenBefore) > mark
  }

  func leave(_ key: Key) {
    tick += 1
    if left.count >= Self.rememberedMax {
      left = [:]
      forgottenBefore = tick
    }
    left[key] = tick
    if gates[key]?.waiting.isEmpty ?? true {
      gates[key] = nil
    } else {
      gates[key]?.waiting.removeFirst().resume()
    }
  }
}
