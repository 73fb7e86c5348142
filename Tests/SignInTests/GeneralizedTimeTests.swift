import Fixtures
import Testing

@testable import SignIn

/// RFC 4517, section 3.3.13.
@Suite("Times as a directory writes them")
struct GeneralizedTimeTests {
  /// Beside each: the same moment as Drawbridge writes it.
  static let read: [(String, String)] = [
    ("20261124075600Z", "20261124075600.000000Z"),
    ("20261124075600.123456Z", "20261124075600.123456Z"),
    // What may be left out.
    ("202611240756Z", "20261124075600.000000Z"),
    ("2026112407Z", "20261124070000.000000Z"),
    // A fraction is of the last unit that is written, after a point or a comma.
    ("20261124075600,5Z", "20261124075600.500000Z"),
    ("20261124075600.5Z", "20261124075600.500000Z"),
    ("20261124075600.000001Z", "20261124075600.000001Z"),
    ("20261124075600.0000019Z", "20261124075600.000001Z"),
    ("20261124075600.0000009999Z", "20261124075600.000000Z"),
    ("20261124075600.999999999999999999999999999999Z", "20261124075600.999999Z"),
    ("202611240756.5Z", "20261124075630.000000Z"),
    ("202611240756,25Z", "20261124075615.000000Z"),
    ("202611240756.00000001Z", "20261124075600.000000Z"),
    ("2026112407.5Z", "20261124073000.000000Z"),
    ("2026112407,01Z", "20261124070036.000000Z"),
    // Zones; the date turns with them.
    ("20261124085600+01", "20261124075600.000000Z"),
    ("20261124085600+0100", "20261124075600.000000Z"),
    ("20261124085600.25+0100", "20261124075600.250000Z"),
    ("20261124025600-0500", "20261124075600.000000Z"),
    ("20261124132600+0530", "20261124075600.000000Z"),
    ("20261124075600-0000", "20261124075600.000000Z"),
    ("20261124075600+0000", "20261124075600.000000Z"),
    ("2026112408+01", "20261124070000.000000Z"),
    ("20270101003000+0100", "20261231233000.000000Z"),
    ("20261231233000-0100", "20270101003000.000000Z"),
    ("20240229233000-0100", "20240301003000.000000Z"),
    ("20261124075600+2359", "20261123075700.000000Z"),
    ("20261124075600-2359", "20261125075500.000000Z"),
    // A leap second is the next minute's first.
    ("20261124075660Z", "20261124075700.000000Z"),
    ("20161231235960Z", "20170101000000.000000Z"),
    ("20161231235960.75Z", "20170101000000.750000Z"),
    // Leap years, century years, and the ends of what four digits can write.
    ("20240229120000Z", "20240229120000.000000Z"),
    ("20000229120000Z", "20000229120000.000000Z"),
    ("00000229120000Z", "00000229120000.000000Z"),
    ("04000229000000Z", "04000229000000.000000Z"),
    ("19000228235959Z", "19000228235959.000000Z"),
    ("00000101000000Z", "00000101000000.000000Z"),
    ("000001010000Z", "00000101000000.000000Z"),
    ("00001231235959.999999Z", "00001231235959.999999Z"),
    ("00010101000000Z", "00010101000000.000000Z"),
    ("19691231235959.999999Z", "19691231235959.999999Z"),
    ("19700101000000Z", "19700101000000.000000Z"),
    ("99991231235959.999999Z", "99991231235959.999999Z"),
    // Beyond them, the last moment that can be written.
    ("99991231235960Z", "99991231235959.999999Z"),
    ("99991231235959-0001", "99991231235959.999999Z"),
    ("00000101000000+0001", "00000101000000.000000Z"),
  ]

  @Test("are read", arguments: read)
  func reads(text: String, written: String) { #expect(time(text)?.generalizedTime == written) }

  static let refused: [String] = [
    "", "Z", "2026", "202611", "20261124", "20261124Z", "20261124075600", "2026112407", "202611240756",
    // No such day, hour, minute, second.
    "20261324075600Z", "20260024075600Z", "20261100075600Z", "20261131075600Z", "20261132075600Z", "20260230075600Z",
    "20260229075600Z", "20230229075600Z", "19000229075600Z", "21000229075600Z", "01000229075600Z", "20260431075600Z",
    "20260631075600Z", "20260931075600Z", "20240230075600Z", "20261124240000Z", "20261124250000Z", "20261124076000Z",
    "20261124075661Z", "20261124075699Z",
    // Digits too few or too many.
    "2026112407560Z", "20261124075Z", "202611240Z", "202611240756000Z", "2026112407560000Z", "120261124075600Z",
    // Fractions of nothing.
    "20261124075600.Z", "20261124075600,Z", "20261124075600.", "20261124075600..5Z", "20261124075600.5,5Z",
    "20261124075600.5", "20261124075600.-5Z", "20261124075600.5 Z", "20261124.5Z", "20261124075600.5e3Z",
    // Zones.
    "20261124075600z", "20261124075600ZZ", "20261124075600Z0", "20261124075600Z+01", "20261124075600UTC",
    "20261124075600+", "20261124075600+1", "20261124075600+010", "20261124075600+01000", "20261124075600+2400",
    "20261124075600+0160", "20261124075600+01:00", "20261124075600-", "20261124075600-9", "20261124075600+-100",
    // Other hands.
    " 20261124075600Z", "20261124075600Z ", "20261124075600Z\n", "20261124075600Z\0", "+2026112407560Z",
    "-20261124075600Z",
    "2026-11-24T07:56:00Z", "261124075600Z", "٢٠٢٦١١٢٤٠٧٥٦٠٠Z", "２０２６１１２４０７５６００Z", "0x261124075600Z", "never",
    "20261124T075600Z", "2026 1124075600Z",
  ]

  @Test("or refused", arguments: refused)
  func refuses(text: String) { #expect(time(text) == nil) }

  @Test("a value keeps the bytes it was read from")
  func stored() {
    let odd = StoredTime(stored: bytes("202611240856+01"))
    #expect(odd.stored == bytes("202611240856+01") && odd.time == .sample)
    #expect(StoredTime(stored: [0xFF]).time == nil)
    #expect(odd != StoredTime(stored: bytes("20261124075600Z")))
  }

  // MARK: Writing

  @Test("what is written reads as the same microsecond", arguments: [1, 2] as [UInt64])
  func roundTrip(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let moment = random.time()
      let written = moment.generalizedTime
      guard written.utf8.count == 22, time(written) == moment else {
        Issue.record("\(moment.microseconds) became \(written)")
        return
      }
    }
  }

  @Test("and sorts as text as it does in time")
  func order() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<5_000 {
      let (a, b) = (random.time(), random.time())
      #expect((a < b) == (a.generalizedTime < b.generalizedTime))
    }
  }

  @Test(
    "for people, and for the clock of inactivity",
    arguments: [
      (0, "1970-01-01T00:00:00Z", "19700101000000Z"), (-1, "1969-12-31T23:59:59Z", "19691231000000Z"),
      (999_999, "1970-01-01T00:00:00Z", "19700101000000Z"),
      (1_795_506_960_000_000, "2026-11-24T07:56:00Z", "20261124000000Z"),
      (951_868_799_999_999, "2000-02-29T23:59:59Z", "20000229000000Z"),
      (-2_203_891_200_000_000, "1900-03-01T00:00:00Z", "19000301000000Z"),
      (Timestamp.earliest, "0000-01-01T00:00:00Z", "00000101000000Z"),
      (Timestamp.latest, "9999-12-31T23:59:59Z", "99991231000000Z"),
    ] as [(Int64, String, String)])
  func rfc3339(microseconds: Int64, text: String, day: String) {
    #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    #expect(Timestamp(microseconds: microseconds).generalizedDay == day)
  }

  // MARK: Damage

  static let whole = [
    "20261124075600.123456Z", "202402292359+0530", "2026112407,5-01", "00000101000000Z", "99991231235960.999999Z",
  ]

  @Test("no byte in any place breaks the reader", arguments: whole)
  func mutations(text: String) {
    let value = bytes(text)
    for index in value.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = value
        changed[index] = byte
        let inserted = Array(value[..<index]) + [byte] + value[index...]
        for candidate in [changed, inserted] {
          guard let read = Timestamp(generalizedTime: candidate) else { continue }
          #expect(Timestamp.earliest...Timestamp.latest ~= read.microseconds)
          // A letter, a control or a byte of UTF-8 has no place anywhere, but for the Z at the end.
          #expect(candidate.dropLast().allSatisfy { bytes("0123456789.,+-").contains($0) })
        }
      }
      let prefix = Array(value[..<index])
      if !prefix.contains(where: { bytes("+-").contains($0) }) { #expect(Timestamp(generalizedTime: prefix) == nil) }
    }
  }

  @Test("nor does noise", arguments: [4, 5] as [UInt64])
  func noise(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = bytes("00112233445566778899.,+-ZZ")
    var read = 0
    for _ in 0..<50_000 {
      let digits = bytes("20\(Int.random(in: 10...99, using: &random))0\(Int.random(in: 1...9, using: &random))1")
      let tail = (0..<Int.random(in: 0...16, using: &random)).map { _ in random.pick(alphabet, or: 0) }
      if let moment = Timestamp(generalizedTime: digits + tail) {
        read += 1
        #expect(time(moment.generalizedTime) == moment)
      }
    }
    #expect(read > 30, "the noise is mild enough to reach the end")
  }
}
