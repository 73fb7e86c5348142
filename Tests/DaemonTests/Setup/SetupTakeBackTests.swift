import Fixtures
import Foundation
import Testing

@Suite("drawbridge setup, taken back", .serialized) struct SetupTakeBackTests {
  @Test("leaves slapd's settings and entries byte for byte as they were")
  func asBefore() async throws {
    try await SetupHouse.with { house in
      try house.configure("dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: uid=x cn=x")
      let (settings, entries) = (try house.settings(), try house.slapd.search("(objectClass=*)").count)
      #expect(try house.setup().status == 0)
      #expect(try house.settings() != settings)
      let back = try house.setup(["--take-back", "--yes"])
      #expect(back.status == 0, "\(back.output)\(back.errors)")
      #expect(try house.settings() == settings)
      #expect(try house.slapd.search("(objectClass=*)").count == entries)
      #expect(back.output.contains("stays    schema"))
      #expect(try house.setup(["--take-back", "--yes"]).output.contains("has no record"))
      #expect(try house.setup().status == 0)
    }
  }

  @Test("leaves what an administrator changed since, and says so")
  func changedSince() async throws {
    try await SetupHouse.with { house in
      let before = try house.settings()
      #expect(try house.setup().status == 0)
      let limits = "dn.exact=\"\(Slapd.daemon)\" size=7"
      try house.configure(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcLimits\nolcLimits: \(limits)\n-\n"
          + "add: olcAccess\nolcAccess: {0}to attrs=sn by * read")
      let back = try house.setup(["--take-back", "--yes"])
      #expect(back.status == 0, "\(back.errors)")
      #expect(back.output.contains("changed  limits"))
      let left = try house.settings()
      #expect(left.contains("olcLimits: {0}\(limits)\n") && left.contains("olcAccess: {0}to attrs=sn by * read\n"))
      #expect(left.split(separator: "\n").count == before.split(separator: "\n").count + 2)
    }
  }

  @Test("does not happen by a record that others could have written")
  func foreignRecord() async throws {
    try await SetupHouse.with { house in
      #expect(try house.setup().status == 0)
      let settings = try house.settings()
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: house.records)
      let back = try house.setup(["--take-back", "--yes"])
      #expect(back.status == 1 && back.errors.contains("you alone may write"), "\(back.errors)")
      #expect(try house.settings() == settings)
    }
  }

  @Test("happens by itself where a step fails: what was loaded before it goes, in the same run")
  func failedStep() async throws {
    try await SetupHouse.with { house in
      let before = try house.settings()
      // The last but one of the steps: its parent is not there.
      let run = try house.setup(["--yes", "--people", "ou=people,ou=nowhere,\(Slapd.suffix)"])
      #expect(run.status == 1)
      #expect(run.output.contains("loaded   access") && run.output.contains("taken    access"), "\(run.output)")
      #expect(run.errors.contains("failed   people"), "\(run.errors)")
      #expect(try house.settings() == before)
      #expect(!FileManager.default.fileExists(atPath: house.config))
      #expect(try house.setup(["--take-back", "--yes"]).output.contains("has no record"))
    }
  }
}
