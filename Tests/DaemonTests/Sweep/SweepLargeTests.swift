import Fixtures
import Foundation
import Testing

extension Tag {
  /// Takes minutes; runs only with `DRAWBRIDGE_SLOW=1`.
  @Tag static var slow: Self
}

/// AD-01, AD-04 to AD-06: the whole year of a large directory.
@Suite("A sweep of a large directory", .serialized) struct SweepLargeTests {
  static let isWanted = ProcessInfo.processInfo.environment["DRAWBRIDGE_SLOW"] == "1"
  static let sizes = isWanted ? [1_000, 100_000] : [1_000]

  private let settings = "[inactivity]\nchanges-per-second = 0\nsweep-every = \"off\"\n"

  /// The most memory that a process has had, in KiB.
  private func peakMemory(_ pid: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
  }

  /// Entries of people that are no accounts.
  private func entries(_ count: Int, _ name: String, created: Int, type: String) -> String {
    let lines = ["userPassword: {SSHA}x", "employeeType: \(type)", "createTimestamp: \(generalizedTime(created))"]
    return (0..<count).map { Slapd.account("\(name)\($0)", lines) }.joined()
      .replacingOccurrences(of: "objectClass: drawbridgeAccount\n", with: "")
  }

  /// Later, for slapd and for the daemon.
  private func wait(_ days: Int, _ house: House) throws {
    try house.moveClock(by: days * daySeconds)
    try Fixtures.await("the directory", within: 60) {
      try house.daemon.adminClient().send("STATUS").contains(" directory=connected ") ? true : nil
    }
  }

  /// A twentieth are warned, so that 100,000 do not measure a mail server; all are deactivated.
  @Test("is adopted, warned, swept and undone, and ldapsearch counts the same each time", arguments: sizes)
  func whole(count: Int) async throws {
    try await House.with(settings: settings, hasOwnClock: true) { house in
      let now = house.daemon.time
      let (warned, others) = (count / 20, count / 10)
      let patience = TimeInterval(60 + count / 50)
      var begun = Date()
      func lap(_ what: String) {
        if Self.isWanted { print("\(count): \(what) in \(Int(Date().timeIntervalSince(begun))) s") }
        begun = Date()
      }
      try house.slapd.load(
        entries(warned, "old", created: 1_577_836_800, type: "staff")
          + entries(count - warned, "new", created: now - 100 * daySeconds, type: "staff")
          + entries(others, "guest", created: 1_577_836_800, type: "guest"))
      lap("loaded")
      let memory = try peakMemory(house.daemon.pid)

      let imported = try house.daemon.drawbridge("user", "import", "--filter", "(employeeType=staff)", within: patience)
      #expect(imported.status == 0 && imported.output.hasSuffix(" \(count)\n"), "\(imported.output.suffix(500))")
      #expect(try house.slapd.count("(objectClass=drawbridgeAccount)") == count)
      lap("adopted")

      let admin = try house.daemon.adminClient()
      let first = try admin.send("SWEEP", within: patience)
      #expect(first.contains(" deactivated=0 clocks=\(count) reactivated=0 skipped=0 warned=0 "), "\(first)")
      #expect(try house.slapd.count("(drawbridgeIdleSince=*)") == count)
      lap("clocks set")

      try wait(1, house)
      let second = try admin.send("SWEEP", within: patience)
      #expect(second.contains(" deactivated=0 clocks=0 reactivated=0 skipped=0 warned=\(warned) "), "\(second)")
      #expect(try house.slapd.count("(drawbridgeWarnedTime=*)") == warned)
      #expect(try house.slapd.count("(&(uid=old*)(drawbridgeWarnedTime=*))") == warned)
      let mails = house.mail.messages(to: nil)
      #expect(mails.count == warned)
      #expect(Set(mails.compactMap { $0.split(separator: "\n").first { $0.hasPrefix("X-RcptTo:") } }).count == warned)
      lap("warned \(warned)")

      try wait(400, house)
      try house.slapd.load((0..<others).map { Slapd.account("used\($0)", lastUsed(house.daemon.time)) }.joined())
      let refused = try admin.send("SWEEP", within: patience)
      #expect(refused.hasPrefix("NO brake reason=too-many due=\(count) active=\(count + others) "), "\(refused)")
      #expect(try house.slapd.deactivated() == 0)
      lap("refused")
      let swept = try admin.send("SWEEP force", within: patience)
      #expect(swept.contains(" deactivated=\(count) clocks=0 reactivated=0 skipped=0 warned=0 "), "\(swept)")
      #expect(admin.items.count == count)
      #expect(try house.slapd.deactivated() == count)
      #expect(try house.slapd.count("(drawbridgeIdleSince=*)") == others)
      #expect(try house.slapd.count("(&(uid=used*)(drawbridgeIdleSince=*))") == others)
      lap("deactivated")

      let record = try #require(house.daemon.records.first)
      let undone = try house.daemon.drawbridge("sweep", "--undo", record, within: patience)
      #expect(undone.status == 0 && undone.output.contains("recorded \(count), undone \(count), changed 0"))
      #expect(try house.slapd.deactivated() == 0)
      let today = generalizedDay(house.daemon.time - 3600)
      #expect(try house.slapd.count("(drawbridgeIdleSince>=\(today))") == count + others)
      #expect(try house.slapd.count("(drawbridgeWarnedTime=*)") == 0)
      lap("undone")
      let last = try admin.send("SWEEP", within: patience)
      #expect(last.hasPrefix("OK swept examined=0 deactivated=0 "), "\(last)")
      // Whom nobody adopted stayed as they were; accounts are handed on by the page.
      #expect(
        try house.slapd.count("(&(employeeType=guest)(!(objectClass=drawbridgeAccount)))") == others)
      #expect(house.mail.messages(to: nil).count == warned)
      let peak = try peakMemory(house.daemon.pid)
      if Self.isWanted { print("\(count): VmHWM \(memory) KiB, then \(peak) KiB") }
      #expect(peak - memory < 48 << 10)
    }
  }
}
