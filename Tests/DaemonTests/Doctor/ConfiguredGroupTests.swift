import Fixtures
import Testing

/// What the configuration names in the directory, beside accounts: groups, and the attributes that it goes by.
@Suite("The doctor of configured groups and attributes") struct ConfiguredGroupTests {
  private static func group(_ name: String) -> String { "cn=\(name),ou=groups,\(Slapd.suffix)" }

  private static let settings =
    DoctorHouse.settings + """

      [inactivity]
      exempt-group = "\(group("exempt"))"
      [[organisation]]
      name = "north"
      value = "North"
      administrators = "\(Slapd.admins)"
      [[organisation]]
      name = "south"
      value = "South"
      administrators = "\(group("south"))"
      [[service]]
      name = "portal"
      group = "\(group("portal"))"

      """

  private static func rule(_ text: String) -> String {
    "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: {0}\(text)"
  }

  @Test("names each group that is not there, and one that the daemon may not read, with what goes wrong without it")
  func groups() async throws {
    try await DoctorHouse.with(settings: Self.settings) { house in
      let missing = try house.report().findings.filter { $0.check == "directory.groups" }
      #expect(missing.map(\.result) == ["bad", "bad", "bad"])
      for (finding, (name, setting)) in zip(
        missing,
        [("exempt", "inactivity.exempt-group"), ("south", "organisation.administrators"), ("portal", "service.group")])
      {
        #expect(finding.what.contains(Self.group(name)) && finding.what.contains(setting), "\(finding)")
        #expect(finding.why != nil && finding.mend?.contains(setting) == true)
      }
      for name in ["exempt", "south", "portal"] {
        try house.house.slapd.add(
          "dn: \(Self.group(name))\nobjectClass: groupOfNames\ncn: \(name)\nmember: \(house.people[0].dn)\n\n")
      }
      let all = try #require(try house.report()["directory.groups"])
      #expect(all.result == "good" && all.what.hasSuffix(": 4."), "\(all)")
      try house.configure(Self.rule("to attrs=member by dn.exact=\"\(Slapd.daemon)\" none by * break"))
      let hidden = try house.report()
      #expect(hidden.results("directory.groups") == ["bad", "bad", "bad", "bad"])
      #expect(hidden["directory.groups"]?.what.contains("not the daemon's to read") == true)
    }
  }

  @Test("names an attribute of organisations, or of logins, that the daemon may not see, or that owners write")
  func attributes() async throws {
    try await DoctorHouse.with(settings: Self.settings) { house in
      #expect(try house.report()["directory.names"]?.result == "good")
      try house.configure(Self.rule("to attrs=o by self write by * break"))
      let written = try #require(try house.report()["access.self"])
      #expect(written.result == "bad" && written.what.hasSuffix("may write o."), "\(written)")
      try house.configure(Self.rule("to attrs=o by dn.exact=\"\(Slapd.daemon)\" none by * break"))
      let hidden = try house.report()
      #expect(
        hidden["directory.names"]?.result == "bad" && hidden["directory.names"]?.what.contains(" o in uid=") == true)
      #expect(hidden["access.daemon"]?.what.contains("may not read and search o") == true)
      // Found by a search, and yet not to be read.
      try house.configure(Self.rule("to attrs=uid by dn.exact=\"\(Slapd.daemon)\" =s by * break"))
      #expect(try house.report()["directory.names"]?.what.contains(" uid, o in uid=") == true)
    }
  }
}
