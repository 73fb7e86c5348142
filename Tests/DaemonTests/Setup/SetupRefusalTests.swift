import Fixtures
import Foundation
import Testing

@Suite("drawbridge setup refuses", .serialized) struct SetupRefusalTests {
  @Test("who does not administer cn=config, and names whom slapd takes them for")
  func notTheAdministrator() async throws {
    try await SetupHouse.with { house in
      try house.configure(
        "dn: olcDatabase={0}config,cn=config\nchangetype: modify\nreplace: olcRootDN\nolcRootDN: cn=somebody,cn=config")
      let run = try house.setup()
      #expect(run.status == 1)
      #expect(run.errors.contains("slapd calls you gidNumber=\(getegid())+uidNumber=\(geteuid()),cn=peercred"))
      #expect(!FileManager.default.fileExists(atPath: "\(house.folder)/etc"))
    }
  }

  @Test(
    "names that are none, or that mean something else in slapd's rules",
    arguments: [
      ["--user", "root"], ["--user", "no-such-user"], ["--daemon-dn", "cn=a\" by * write"],
      ["--daemon-dn", "drawbridged"],
      ["--suffix", "dc=example,dc=net"], ["--people", "ou=people,dc=example,dc=net"],
      ["--ldapi", "ldapi://%2Fnowhere"],
    ])
  func names(arguments: [String]) async throws {
    try await SetupHouse.with { house in
      let before = try house.settings()
      let run = try house.setup(arguments + ["--yes"])
      #expect(run.status == 1 && !run.errors.isEmpty, "\(run.output)")
      #expect(try house.settings() == before)
    }
  }

  @Test("a slapd that runs from slapd.conf, and shows the lines for it")
  func slapdConf() async throws {
    try await SetupHouse.with(SetupHouse.options { $0.form = .slapdConf }) { house in
      let run = try house.setup(slapdConfig: "slapd.conf")
      #expect(run.status == 1, "\(run.output)")
      for line in ["authz-regexp \"^gidNumber=65534", "limits dn.exact=", "index mail eq", "access to dn.subtree="] {
        #expect(run.output.contains("\n\(line)"), "\(line): \(run.output)\(run.errors)")
      }
    }
  }
}
