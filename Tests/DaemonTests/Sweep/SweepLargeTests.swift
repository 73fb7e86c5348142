import Fixtures
import Foundation
import Testing

extension Tag {
  /// Takes minutes; runs only with `DRAWBRIDGE_SLOW=1`.
  @Tag static var slow: Self
}

@Suite("A sweep of a large directory", .serialized) struct SweepLargeTests {
  static let isWanted = ProcessInfo.processInfo.environment["DRAWBRIDGE_SLOW"] == "1"

  /// The most memory that a process has had, in KiB.
  private func peakMemory(_ pid: Int32) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
  }

  @Test(
    "of 100,000 idle accounts among 110,000 agrees with ldapsearch, and so does its undoing", .tags(.slow),
    .enabled(if: isWanted))
  func hundredThousand() async throws {
    try await House.with(settings: unpaced) { house in
      let idle = lastUsed(1_577_836_800)
      let used = lastUsed(Int(Date().timeIntervalSince1970))
      let accounts =
        (0..<100_000).map { Slapd.account("idle\($0)", idle) } + (0..<10_000).map { Slapd.account("used\($0)", used) }
      try house.slapd.load(accounts.joined())
      let admin = try house.daemon.adminClient()
      let before = try peakMemory(house.daemon.pid)
      var begun = Date()
      let refused = try admin.send("SWEEP", within: 600)
      #expect(refused.hasPrefix("NO brake reason=too-many due=100000 active=110000 "), "\(refused)")
      let counted = Date().timeIntervalSince(begun)
      let braked = try peakMemory(house.daemon.pid)
      begun = Date()
      let swept = try admin.send("SWEEP force", within: 600)
      #expect(number("deactivated", of: swept) == 100_000, "\(swept)")
      let seconds = Date().timeIntervalSince(begun)
      let after = try peakMemory(house.daemon.pid)
      print("counted in \(counted) s, swept in \(seconds) s; VmHWM \(before) KiB, \(braked) KiB, \(after) KiB")
      #expect(try house.slapd.deactivated() == 100_000)
      #expect(try house.slapd.count("(&(objectClass=drawbridgeAccount)(drawbridgeIdleSince=*))") == 10_000)
      // The accounts are handed on by the page.
      #expect(after - before < 32 << 10)
      begun = Date()
      let undone = try house.daemon.drawbridge("sweep", "--undo", try #require(house.daemon.records.first))
      print("undone in \(Date().timeIntervalSince(begun)) s")
      #expect(undone.status == 0 && undone.output.contains("undone 100000"), "\(undone.errors.suffix(500))")
      #expect(try house.slapd.deactivated() == 0)
    }
  }
}
