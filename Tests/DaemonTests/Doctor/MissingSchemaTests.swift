import Fixtures
import Testing

@Suite("The doctor of a directory that knows nothing of Drawbridge") struct MissingSchemaTests {
  @Test("names what was never loaded, and what to load, to the last of it", arguments: Slapd.Options.Form.allCases)
  func nothingLoaded(form: Slapd.Options.Form) async throws {
    let options = DoctorHouse.options {
      $0.form = form
      $0.leavesOut = ["drawbridge", "access", "access-ppolicy", "index", "limits", "identity"]
    }
    try await DoctorHouse.with(options, hasPeople: false) { house in
      let report = try house.report()
      #expect(report.status == 2)
      let schema = try #require(report["directory.schema"])
      #expect(schema.result == "bad" && schema.what.contains("does not know drawbridgeAccount"))
      #expect(schema.mend?.contains(form == .config ? "drawbridge setup" : "schema/drawbridge.schema") == true)
      let accounts = try #require(report["accounts.read"])
      #expect(accounts.result == "unknown" && accounts.what.contains("schema/drawbridge.ldif"))
      for (check, result) in [
        ("directory.server", "good"), ("directory.entries", "bad"), ("directory.schema-version", "unknown"),
        ("directory.rights", "unknown"), ("slapd.indexes", "warning"),
        ("slapd.limits", "bad"), ("access.order", "bad"), ("access.self", "unknown"), ("mail.server", "good"),
      ] {
        #expect(report[check]?.result == result, "\(check): \(report.complaints)")
      }
      // A remedy for each, and nobody is told to load what needs the schema first without being told of the schema.
      #expect(report.findings.filter { $0.result == "bad" }.allSatisfy { $0.mend != nil })
    }
  }
}
