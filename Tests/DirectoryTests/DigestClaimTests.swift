import Fixtures
import Testing

@testable import Directory

@Suite("Claims of a digest") struct DigestClaimTests {
  @Test("of many daemons that read the same, one has it; an older reading has nothing any more")
  func once() async throws {
    try await Slapd.withAccounts { slapd, first in
      let others = try (0..<7).map { _ in try openDirectory(slapd) }
      for (month, last) in [("202611", nil), ("202612", "202611"), ("202701", "202612")] as [(String, String?)] {
        #expect(try await first.lastDigests()["acme"] == last)
        let won = try await withThrowingTaskGroup(of: Bool.self) { group in
          for directory in [first] + others {
            group.addTask { try await directory.claimDigest(of: "acme", month: month, last: last) }
          }
          return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1, "\(month)")
      }
      #expect(try await !first.claimDigest(of: "acme", month: "202702", last: "202611"))
      #expect(try await !first.claimDigest(of: "acme", month: "202701", last: "202701"))
      #expect(try await first.claimDigest(of: "globex", month: "202701", last: nil))
      #expect(try await first.lastDigests() == ["acme": "202701", "globex": "202701"])
      #expect(try slapd.entry("cn=drawbridge,\(Slapd.suffix)")?["drawbridgelastdigest"]?.count == 2)
      for directory in others { await directory.close() }
    }
  }
}
