import Foundation
import Testing

@testable import Mail

@Suite struct MessageTests {
  @Test(arguments: [
    "", "a", "@", "a@", "@b", "a@b@c", "-oQ@b", "a b@c", "a@b\r\nBcc: x", "a@b\n", "a\0@b", "ä@b", "a@bücher", "<a@b>",
    "a@b,c", "a@b;c", "\"a\"@b", "a@[::1]", "a@b>", "a(b)@c", "a\u{7F}@b", String(repeating: "a", count: 253) + "@b",
  ])
  func aRecipientIsOnePlainAddress(recipient: String) {
    #expect(throws: MailError.self) { try Message(recipient: recipient, subject: "s", body: "") }
  }

  @Test(arguments: ["a@b", "a.b+c_d=e/f'g!#$%&*?^`{|}~-@x-y.example"])
  func anAddressNeedsNoMore(recipient: String) throws {
    _ = try Message(recipient: recipient, subject: "s", body: "")
  }

  @Test(arguments: ["", "a\r\nBcc: x@y", "a\nb", "a\rb", "a\0b", "a\u{7F}", "a\u{85}b", "a\u{2028}b", "\u{1B}[31m"])
  func aSubjectStaysInItsField(subject: String) {
    #expect(throws: MailError.self) { try Message(recipient: "a@b", subject: subject, body: "") }
    #expect(throws: MailError.self) { try Sender(address: "a@b", name: subject) }
  }

  @Test(arguments: ["a\0b", "a\rb", "a\r\nb", "\u{1B}[31m", "\u{7F}"])
  func aBodyHasNoControls(body: String) {
    #expect(throws: MailError.self) { try Message(recipient: "a@b", subject: "s", body: body) }
  }

  @Test(arguments: [
    (Int64(0), "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
    (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 +0000"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
    (-5, "Thu, 01 Jan 1970 00:00:00 +0000"), (.max, "Fri, 31 Dec 9999 23:59:59 +0000"),
  ])
  func aDateIsWrittenInUTC(date: Int64, expected: String) {
    #expect(Stamp(date: date, token: "x").dateTime == expected)
  }

  @Test func datesAgreeWithTheHostsCalendar() {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
    for date in stride(from: Int64(0), to: 8_000_000_000, by: 9_876_543) {
      #expect(
        Stamp(date: date, token: "x").dateTime == formatter.string(from: Date(timeIntervalSince1970: Double(date))))
    }
  }

  @Test func aTokenCannotLeaveItsField() {
    #expect(Stamp(date: 0, token: "a>\r\nBcc: x@y").token == "aBccxy")
  }
}
