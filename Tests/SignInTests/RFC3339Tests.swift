import SignIn
import Testing

@Suite("A time as administrators write it") struct RFC3339Tests {
  @Test(
    "is a date, or a time with its zone",
    arguments: [
      ("2025-06-30", "20250630000000.000000Z"), ("2025-06-30T09:15:00Z", "20250630091500.000000Z"),
      ("2025-06-30t09:15:00z", "20250630091500.000000Z"), ("2025-06-30T09:15:00+02:00", "20250630071500.000000Z"),
      ("2025-06-30T23:15:00.5-01:30", "20250701004500.500000Z"), ("2024-02-29", "20240229000000.000000Z"),
    ])
  func reads(text: String, stored: String) {
    #expect(Timestamp(rfc3339: Array(text.utf8))?.generalizedTime == stored)
  }

  @Test(
    "and nothing else",
    arguments: [
      "", "2025", "2025-02-29", "2025-13-01", "20250630", "2025/06/30", "2025-06-30T", "2025-06-30T09:15Z",
      "2025-06-30T09:15:00", "2025-06-30 09:15:00Z", "2025-06-30T24:00:00Z", "2025-06-30T09:15:00+0200",
      "2025-06-30T09:15:00+02", "2025-06-30T09-15-00Z", "2025-06-30T09:15:00ZZ", "yesterday", "2025-06-30T09:15:00.Z",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: Array(text.utf8)) == nil)
  }
}
