import Fixtures
import Foundation
import Testing

/// What the doctor says where it cannot look.
@Suite("The doctor, by where it runs") struct WhereItRunsTests {
  private func report(_ house: House, _ arguments: [String]) throws -> (status: Int32, [String: String], output: String)
  {
    let run = try Command.run(
      Daemon.binary("drawbridge"), ["doctor", "--json", "--socket", house.daemon.admin] + arguments)
    var results: [String: String] = [:]
    for line in run.output.split(separator: "\n") {
      let finding = try JSONDecoder().decode(DoctorHouse.Finding.self, from: Data(line.utf8))
      results[finding.check] = finding.result
    }
    return (run.status, results, run.output)
  }

  private var options: Slapd.Options {
    var options = Slapd.Options()
    options.form = .config
    options.ppolicy = true
    return options
  }

  @Test("reads slapd's configuration from the disk where the server does not show it, and knows the daemon's Unix user")
  func fromDisk() async throws {
    try await House.with(options) { house in
      try house.people("jdoe")
      let (_, results, output) = try report(house, ["--slapd-config", "\(house.slapd.directory)/slapd.d"])
      #expect(results["slapd.identity-map"] == "good" && results["access.daemon"] == "good", "\(output)")
      #expect(results["directory.identity"] == "good")
    }
  }

  @Test("names a mapping that takes other Unix users for the daemon")
  func wideMapping() async throws {
    try await DoctorHouse.with { house in
      #expect(try house.report()["slapd.identity-map"]?.result == "good")
      try house.configure(
        "dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\n"
          + "olcAuthzRegexp: {0}\"gidNumber=.*,cn=peercred,cn=external,cn=auth\" \"\(Slapd.daemon)\"")
      let finding = try #require(try house.report()["slapd.identity-map"])
      #expect(finding.result == "bad" && finding.what.hasSuffix("for the daemon."))
    }
  }

  @Test("names a daemon that the directory knows by no name")
  func noMapping() async throws {
    var options = options
    options.leavesOut = ["identity"]
    try await House.with(options) { house in
      let (status, results, output) = try report(house, ["--slapd-config", "\(house.slapd.directory)/slapd.d"])
      #expect(status == 2)
      #expect(results["directory.identity"] == "bad" && results["slapd.identity-map"] == "bad", "\(output)")
      #expect(results["access.self"] == "unknown")
    }
  }

  @Test("says unknown, with the reason, where neither the server nor the disk shows slapd's configuration")
  func nowhere() async throws {
    try await House.with(options) { house in
      try house.people("jdoe")
      let (status, results, output) = try report(house, ["--slapd-config", "/nonexistent"])
      #expect(status != 0)
      for check in [
        "slapd.indexes", "slapd.limits", "access.order", "access.self", "replication.topology", "ppolicy.settings",
      ] {
        #expect(results[check] == "unknown", "\(check)")
      }
      #expect(output.contains("which calls you \(Slapd.daemon)"))
      let people = try Command.run(
        Daemon.binary("drawbridge"),
        ["doctor", "--socket", house.daemon.admin, "--slapd-config", "/nonexistent"])
      // One reason is told once.
      #expect(people.output.components(separatedBy: "which calls you").count == 2)
    }
  }

  @Test("of slapd.conf sees all, also of a daemon that is known by its Unix user")
  func slapdConf() async throws {
    var options = options
    options.form = .slapdConf
    try await House.with(options, settings: DoctorHouse.settings) { house in
      try house.people("jdoe")
      let (status, results, output) = try report(house, ["--slapd-config", "\(house.slapd.directory)/slapd.conf"])
      for check in ["access.administrator", "access.daemon", "slapd.indexes", "slapd.identity-map"] {
        #expect(results[check] == "good", "\(output)")
      }
      #expect(status == 0, "\(output)")
    }
  }

  @Test("says unknown of a slapd.conf that slapd cannot read, and which line it is")
  func brokenFile() async throws {
    try await House.with(options) { house in
      let path = "\(house.slapd.directory)/broken.conf"
      try "# fine\nno-such-directive\n".write(toFile: path, atomically: true, encoding: .utf8)
      let (status, results, output) = try report(house, ["--slapd-config", path])
      #expect(status != 0 && results["slapd.indexes"] == "unknown")
      #expect(output.contains("broken.conf: line 2: unknown directive"), "\(output)")
    }
  }

  @Test("looks at no slapd where the daemon's is perhaps another host's, unless told")
  func remote() async throws {
    let port = try freePort()
    var options = DoctorHouse.options { $0.listeners = ["ldap://127.0.0.1:\(port)/"] }
    options.leavesOut = ["identity"]
    try await DoctorHouse.with(options, uri: "ldap://127.0.0.1:\(port)") { house in
      let remote = try house.report()
      #expect(remote["directory.transport"]?.result == "warning")
      #expect(remote["slapd.indexes"]?.result == "unknown" && remote["slapd.version"]?.result == "unknown")
      // Nor is there a cn=Monitor that would tell its time.
      let clock = try #require(remote["directory.clock"])
      #expect(clock.result == "unknown" && clock.mend?.contains("database monitor") == true)
      let told = try house.report(["--ldapi", house.house.slapd.uri])
      #expect(told["slapd.indexes"]?.result == "good" && told["access.self"]?.result == "good")
    }
  }

  @Test("says unknown of everything that it needs root for, and good of none of it", .enabled(if: geteuid() == 0))
  func unprivileged() async throws {
    let settings = DoctorHouse.settings + "\ntrusted-uids = [65534]\n"
    try await DoctorHouse.with(settings: settings) { house in
      let files = FileManager.default
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: house.house.daemon.directory)
      try files.setAttributes([.posixPermissions: 0o666], ofItemAtPath: house.house.daemon.admin)
      let run = try Command.run(
        "setpriv",
        [
          "--reuid=65534", "--regid=65534", "--clear-groups", Daemon.binary("drawbridge"), "doctor", "--json",
          "--socket",
          house.house.daemon.admin, "--slapd-config", "\(house.house.slapd.directory)/slapd.d",
        ])
      let findings = try run.output.split(separator: "\n").map {
        try JSONDecoder().decode(DoctorHouse.Finding.self, from: Data($0.utf8))
      }
      // Which version is installed anybody may know.
      let ofSlapd = findings.filter { finding in
        ["slapd.", "access.", "ppolicy.", "replication.", "logs."].contains { finding.check.hasPrefix($0) }
          && finding.check != "slapd.version"
      }
      #expect(ofSlapd.count >= 18 && ofSlapd.allSatisfy { $0.result == "unknown" }, "\(run.output)\(run.errors)")
      #expect(findings.contains { $0.check == "directory.rights" && $0.result == "good" })
    }
  }

  @Test("is 69 where there is no daemon")
  func noDaemon() throws {
    let run = try Command.run(Daemon.binary("drawbridge"), ["doctor", "--socket", "/nonexistent/admin.sock"])
    #expect(run.status == 69 && run.output.isEmpty)
  }
}
