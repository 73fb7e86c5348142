import Fixtures
import Testing

@Suite("The doctor of a healthy house") struct HealthyHouseTests {
  @Test("has nothing to mend, on either form of ppolicy, and says so to people and to scripts")
  func isHealthy() async throws {
    try await DoctorHouse.with { house in
      let report = try house.report()
      #expect(report.complaints.filter { $0.result != "note" } == [], "\(report.errors)")
      #expect(report.status == 0)
      let people = try house.doctor()
      print(people.output)
      #expect(people.status == 0)
      #expect(!people.output.contains("\u{1B}"))
    }
  }
}
