import Fixtures
import Foundation
import Testing

@testable import SignIn

@Suite("The calendar, against two others")
struct CalendarTests {
  private static let utc: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()

  /// Foundation's turns Julian before 15 October 1582.
  private static let gregorian = Int64(-12_219_292_800_000_000)...Timestamp.latest

  @Test("agrees with Foundation's on twenty thousand moments", arguments: [1, 2] as [UInt64])
  func foundation(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let moment = random.time(in: Self.gregorian)
      let date = Date(timeIntervalSince1970: TimeInterval(moment.seconds))
      let theirs = Self.utc.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
      let fields = [theirs.year, theirs.month, theirs.day, theirs.hour, theirs.minute, theirs.second].map { $0 ?? -1 }
      let text = zip(fields, [4, 2, 2, 2, 2, 2]).map { field, width in
        String(repeating: "0", count: max(0, width - String(field).count)) + String(field)
      }.joined()
      try #require(moment.generalizedTime.hasPrefix(text), "\(moment.microseconds)")
      try #require(time(text + "Z")?.seconds == moment.seconds)
    }
  }

  @Test("agrees with the C library's on every day from year 0 to 9999, at random times", arguments: [3] as [UInt64])
  func cLibrary(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      let moment = random.time()
      var seconds = time_t(moment.seconds)
      var fields = tm()
      gmtime_r(&seconds, &fields)
      let text = [
        (Int(fields.tm_year) + 1900, 4), (Int(fields.tm_mon) + 1, 2), (Int(fields.tm_mday), 2),
        (Int(fields.tm_hour), 2),
        (Int(fields.tm_min), 2), (Int(fields.tm_sec), 2),
      ].map { value, width in String(repeating: "0", count: width - String(value).count) + String(value) }.joined()
      try #require(moment.generalizedTime.hasPrefix(text), "\(moment.microseconds)")
      try #require(time(text + "Z")?.seconds == moment.seconds)
    }
  }

  @Test("a day follows a day, through every leap day of 10,000 years")
  func everyDay() throws {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var midnight = Timestamp(microseconds: Timestamp.earliest)
    for year in 0...9999 {
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      for (month, length) in lengths.enumerated() {
        let days = month == 1 && isLeap ? 29 : length
        // The first and the last of each month; the days between follow from them.
        for day in [1, days] {
          let text = [(year, 4), (month + 1, 2), (day, 2)].map { value, width in
            String(repeating: "0", count: width - String(value).count) + String(value)
          }.joined()
          let expected = midnight.adding(seconds: Int64(day - 1) * 86_400)
          try #require(time(text + "00Z") == expected && expected.generalizedDay == text + "000000Z")
        }
        midnight = midnight.adding(seconds: Int64(days) * 86_400)
      }
    }
    #expect(midnight.microseconds == Timestamp.latest, "the last midnight is cut to the last microsecond")
  }
}

@Suite("Reckoning with times")
struct TimestampTests {
  @Test("what lies beyond four-digit years is cut to them")
  func clamped() {
    for extreme: Int64 in [.min, .min + 1, -62_167_219_200_000_001] {
      #expect(Timestamp(microseconds: extreme).microseconds == Timestamp.earliest)
    }
    for extreme: Int64 in [Int64.max, .max - 1, 253_402_300_800_000_000] {
      #expect(Timestamp(microseconds: extreme).microseconds == Timestamp.latest)
    }
    for extreme: Int64 in [Int64.min, .min / 1_000_000 - 1, .min / 1_000_000, -62_167_219_201] {
      #expect(Timestamp(seconds: extreme).microseconds == Timestamp.earliest)
    }
    for extreme: Int64 in [Int64.max, .max / 1_000_000 + 1, .max / 1_000_000, 253_402_300_800] {
      #expect(Timestamp(seconds: extreme).microseconds == Timestamp.latest)
    }
    #expect(Timestamp(microseconds: Timestamp.earliest).seconds == -62_167_219_200)
    #expect(Timestamp(microseconds: Timestamp.latest).seconds == 253_402_300_799)
  }

  @Test("no sum traps, whatever is added to whatever")
  func sums() {
    let moments = [Timestamp.earliest, -1, 0, 1, Timestamp.latest].map(Timestamp.init(microseconds:))
    let seconds = [Int64.min, .min + 1, -315_569_520_000, -86_400, -1, 0, 1, 86_400, 315_569_520_000, .max]
    for moment in moments {
      for distance in seconds {
        let sum = moment.adding(seconds: distance)
        #expect(distance < 0 ? sum <= moment : sum >= moment)
        #expect(Timestamp.earliest...Timestamp.latest ~= sum.microseconds)
      }
      for other in moments { #expect(moment.secondsSince(other) >= 0) }
    }
    #expect(
      Timestamp(microseconds: Timestamp.latest).secondsSince(Timestamp(microseconds: Timestamp.earliest))
        == 315_569_520_000)
  }

  @Test(
    "whole seconds are rounded down, before 1970 as well",
    arguments: [
      (0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-999_999, -1), (-1_000_000, -1), (-1_000_001, -2),
    ] as [(Int64, Int64)])
  func seconds(microseconds: Int64, seconds: Int64) {
    #expect(Timestamp(microseconds: microseconds).seconds == seconds)
  }

  @Test(
    "a day begins at its midnight, before 1970 as well",
    arguments: [
      (0, 0), (1, 0), (86_399_999_999, 0), (86_400_000_000, 86_400_000_000), (-1, -86_400_000_000),
      (-86_400_000_000, -86_400_000_000), (-86_400_000_001, -172_800_000_000), (Timestamp.earliest, Timestamp.earliest),
      (Timestamp.earliest + 1, Timestamp.earliest), (Timestamp.latest, 253_402_214_400_000_000),
    ] as [(Int64, Int64)])
  func startOfDay(microseconds: Int64, midnight: Int64) {
    let start = Timestamp(microseconds: microseconds).startOfDay
    #expect(start.microseconds == midnight)
    #expect(start.startOfDay == start)
  }

  @Test(
    "a distance is rounded up, and never negative",
    arguments: [
      (0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2), (-1, 0), (-1_000_000, 0), (-86_400_000_000, 0),
    ] as [(Int64, Int64)])
  func secondsSince(microseconds: Int64, seconds: Int64) {
    for origin in [Timestamp.sample, Timestamp(microseconds: -1), Timestamp(microseconds: 0)] {
      #expect(origin.adding(microseconds: microseconds).secondsSince(origin) == seconds)
    }
  }
}
