import Fixtures
import Testing

@Suite("The doctor of a house without administrators") struct MissingGroupTests {
  @Test("says so in its own words")
  func noGroup() async throws {
    try await DoctorHouse.with { house in
      try house.modify("dn: \(Slapd.admins)\nchangetype: delete")
      let finding = try #require(try house.report()["access.administrator"])
      #expect(finding.result == "unknown")
      #expect(finding.what == "\(Slapd.admins) has no member; --administrator DN names an administrator")
    }
  }
}
