/// When and as what a message is sent: time and randomness come from the caller. A message that is tried again keeps
/// its stamp, so that a reader can tell two deliveries of one message from two messages.
public struct Stamp: Sendable, Equatable {
  /// Seconds since 1970-01-01T00:00:00Z, brought into the years 1970...9999.
  public let date: Int64
  /// What stands left of the `@` in Message-ID; unique in the world, so give it 128 random bits.
  public let token: String

  /// - Parameter token: letters and digits of ASCII; anything else is left out.
  public init(date: Int64, token: String) {
    self.date = min(max(date, 0), 253_402_300_799)
    self.token = String(
      token.unicodeScalars.filter { $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil) })
  }

  /// The date-time of RFC 5322, section 3.3, in UTC: `Tue, 24 Nov 2026 08:11:28 +0000`.
  var dateTime: String {
    let (days, second) = date.quotientAndRemainder(dividingBy: 86_400)
    // Counted from 1 March of the year 0, so that a leap day ends its year; 400 years have 146,097 days.
    let (era, day) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365
    let dayOfYear = day - (365 * year + year / 4 - year / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let isNextYear = monthFromMarch >= 10
    let month = isNextYear ? monthFromMarch - 10 : monthFromMarch + 2
    let weekday = Self.triple("ThuFriSatSunMonTueWed", at: days % 7)
    let name = Self.triple("JanFebMarAprMayJunJulAugSepOctNovDec", at: month)
    let clock = [second / 3_600, second / 60 % 60, second % 60].map(Self.twoDigits).joined(separator: ":")
    return "\(weekday), \(Self.twoDigits(dayOfMonth)) \(name) \(era * 400 + year + (isNextYear ? 1 : 0)) \(clock) +0000"
  }

  private static func triple(_ names: String, at index: Int64) -> Substring {
    names.dropFirst(Int(index) * 3).prefix(3)
  }

  private static func twoDigits(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
