/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z: the precision of every time that Drawbridge writes.
public struct Timestamp: Hashable, Comparable, Sendable {
  public let microseconds: Int64

  /// The range that four-digit years can write: 0000-01-01 to 9999-12-31.
  private static let range: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

  /// Clamped to the years 0000 to 9999, so that no arithmetic on a stored time can trap.
  public init(microseconds: Int64) {
    self.microseconds = min(max(microseconds, Self.range.lowerBound), Self.range.upperBound)
  }

  public init(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    self.init(microseconds: overflow ? (seconds < 0 ? .min : .max) : product)
  }

  /// Whole seconds, rounded down: what a time step is counted from (RFC 6238, section 4).
  public var seconds: Int64 { (microseconds - ((microseconds % 1_000_000) + 1_000_000) % 1_000_000) / 1_000_000 }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

  public func adding(seconds: Int64) -> Timestamp {
    let distance = Timestamp(seconds: seconds)
    return Timestamp(microseconds: microseconds + distance.microseconds)
  }

  /// Seconds from `earlier` to here, rounded up; 0 where `earlier` is later.
  public func secondsSince(_ earlier: Timestamp) -> Int64 {
    max(0, (microseconds - earlier.microseconds + 999_999) / 1_000_000)
  }

  /// The midnight that began this day: the inactivity clock keeps no more, so that an index over it has few keys.
  public var startOfDay: Timestamp {
    let day: Int64 = 86_400_000_000
    return Timestamp(microseconds: microseconds - ((microseconds % day) + day) % day)
  }
}

// MARK: - GeneralizedTime (RFC 4517, section 3.3.13) and RFC 3339

extension Timestamp {
  /// Reads `YYYYMMDDHH[MM[SS]][(.|,)fraction](Z|±HH[MM])`. A second of 60 counts as the next minute's first.
  /// Digits past the microsecond are dropped. Nil for anything else, 30 February among it.
  public init?(generalizedTime bytes: [UInt8]) {
    var rest = bytes[...]
    func digits(_ count: Int) -> Int64? {
      guard rest.count >= count else { return nil }
      var value: Int64 = 0
      for byte in rest.prefix(count) {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 0x30)
      }
      rest = rest.dropFirst(count)
      return value
    }
    guard let year = digits(4), let month = digits(2), let day = digits(2), let hour = digits(2),
      (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day), hour < 24
    else { return nil }

    var unit: Int64 = 3_600_000_000  // what a fraction is a fraction of
    var time = hour * unit
    if let minute = digits(2) {
      guard minute < 60 else { return nil }
      unit = 60_000_000
      time += minute * unit
      if let second = digits(2) {
        guard second <= 60 else { return nil }
        unit = 1_000_000
        time += second * unit
      }
    }
    if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
      rest = rest.dropFirst()
      var scale: Int64 = 1
      var fraction: Int64 = 0
      var seen = false
      while let byte = rest.first, (0x30...0x39).contains(byte) {
        seen = true
        if scale < 100_000_000 {
          fraction = fraction * 10 + Int64(byte - 0x30)
          scale *= 10
        }
        rest = rest.dropFirst()
      }
      guard seen else { return nil }
      time += fraction * unit / scale
    }
    guard let zone = rest.first else { return nil }
    rest = rest.dropFirst()
    if zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
      guard let hours = digits(2), hours < 24 else { return nil }
      let minutes = rest.isEmpty ? 0 : digits(2)
      guard let minutes, minutes < 60 else { return nil }
      let offset = (hours * 60 + minutes) * 60_000_000
      time += zone == UInt8(ascii: "+") ? -offset : offset
    } else if zone != UInt8(ascii: "Z") {
      return nil
    }
    guard rest.isEmpty else { return nil }
    self.init(microseconds: Self.days(toYear: year, month: month, day: day) * 86_400_000_000 + time)
  }

  /// `20261124075600.123456Z`: always UTC, always microseconds.
  public var generalizedTime: String {
    let (date, clock, fraction) = civil
    return Self.join(date, "") + Self.join(clock, "") + "." + Self.pad(fraction, 6) + "Z"
  }

  /// `20261124000000Z`, for the clock that is cut to the day.
  public var generalizedDay: String { Self.join(startOfDay.civil.date, "") + "000000Z" }

  /// `2026-11-24T07:56:00Z` (RFC 3339), for people and the line protocol.
  public var rfc3339: String {
    let (date, clock, _) = civil
    return Self.join(date, "-") + "T" + Self.join(clock, ":") + "Z"
  }

  private typealias Fields = [(value: Int64, width: Int)]

  private var civil: (date: Fields, clock: Fields, fraction: Int64) {
    let midnight = startOfDay.microseconds
    let time = microseconds - midnight
    let (year, month, day) = Self.civil(fromDays: midnight / 86_400_000_000)
    let second = time / 1_000_000
    return (
      [(year, 4), (month, 2), (day, 2)], [(second / 3600, 2), (second / 60 % 60, 2), (second % 60, 2)], time % 1_000_000
    )
  }

  private static func join(_ fields: Fields, _ separator: String) -> String {
    fields.map { pad($0.value, $0.width) }.joined(separator: separator)
  }

  private static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar; March-based years put the leap day last.
  private static func days(toYear year: Int64, month: Int64, day: Int64) -> Int64 {
    let y = (month <= 2 ? year - 1 : year) + 400  // kept positive for year 0
    let m = (month + 9) % 12
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719_468 - 146_097
  }

  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468 + 146_097
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    return (yearOfEra + era * 400 - 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
  }
}
