/// A length of time, never negative, in whole milliseconds: up to ten thousand days, so that sums cannot overflow.
public struct TimeSpan: Sendable, Hashable, Comparable, CustomStringConvertible {
  public static let zero = TimeSpan(clamping: 0)
  public static let maximum = TimeSpan(clamping: 864_000_000_000)

  public let milliseconds: Int64

  /// Whole seconds, rounded down.
  public var seconds: Int64 { milliseconds / 1_000 }
  public var duration: Duration { .milliseconds(milliseconds) }

  /// Brought into zero...``maximum``.
  public init(clamping milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, 0), 864_000_000_000)
  }

  /// A whole number and a unit without a blank between them: `250ms`, `10s`, `5m`, `24h`, `365d`. Nil for anything
  /// else, and for more than ``maximum``.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let digits = bytes.prefix { 0x30...0x39 ~= $0 }
    guard let unit = Self.units.first(where: { $0.name.utf8.elementsEqual(bytes[digits.endIndex...]) }),
      1...18 ~= digits.count
    else { return nil }
    let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    let (milliseconds, isTooMuch) = number.multipliedReportingOverflow(by: unit.milliseconds)
    guard !isTooMuch, milliseconds <= Self.maximum.milliseconds else { return nil }
    self.milliseconds = milliseconds
  }

  /// In the largest unit that needs no fraction.
  public var description: String {
    let unit = Self.units.last { milliseconds % $0.milliseconds == 0 && milliseconds >= $0.milliseconds }
    guard let unit else { return "0s" }
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }

  public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }

  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
}
