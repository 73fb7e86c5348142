import Fixtures
import Foundation
import Testing

@Suite("The doctor of a healthy house") struct HealthyHouseTests {
  @Test(
    "has nothing to mend, says so to people and to scripts, and has only checks that are written down",
    arguments: Slapd.Options.Form.allCases)
  func isHealthy(form: Slapd.Options.Form) async throws {
    try await DoctorHouse.with(DoctorHouse.options { $0.form = form }) { house in
      let report = try house.report()
      #expect(report.complaints.filter { $0.result != "note" } == [], "\(report.errors)")
      #expect(report.status == 0)
      let people = try house.doctor()
      #expect(people.status == 0)
      #expect(!people.output.contains("\u{1B}"))
      #expect(people.output.hasSuffix(" 0 warning, 0 bad, 0 unknown.\n"))
      let book = try String(contentsOfFile: "\(repository)/docs/doctor.md", encoding: .utf8)
      for finding in report.findings { #expect(book.contains("`\(finding.check)`"), "\(finding.check)") }
      #expect(report.findings.count > 35)
      #expect(!people.output.contains(Slapd.rootPassword))
    }
  }
}
