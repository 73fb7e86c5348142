import Fixtures
import Foundation
import Testing

/// A slapd that runs from slapd.conf: each thing is broken in the file, is named, and is mended by lines for that file.
@Suite("The doctor of slapd.conf") struct SlapdConfTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    let check: String
    let result: String
    let what: String
    /// What the mend says.
    let mend: String
    let cause: @Sendable (inout Slapd.Options) -> Void
    var testDescription: String { "\(check): \(what)" }

    init(
      _ check: String, _ result: String, _ what: String, mend: String,
      _ cause: @escaping @Sendable (inout Slapd.Options) -> Void
    ) {
      (self.check, self.result, self.what, self.mend, self.cause) = (check, result, what, mend, cause)
    }
  }

  static let faults = [
    Fault(
      "directory.server", "bad", "may not read the root entry", mend: "slapd"
    ) { $0.extraGlobalLines = ["access to dn.base=\"\" by * none", "access to * by * read"] },
    Fault(
      "access.order", "bad", "No access rule", mend: "include …/schema/filled/access.conf"
    ) { $0.leavesOut.formUnion(["access", "access-ppolicy"]) },
    Fault(
      "slapd.identity-map", "bad", "for the daemon", mend: "\nauthz-regexp \"^gidNumber="
    ) { $0.extraGlobalLines = ["authz-regexp \"gidNumber=.*,cn=peercred,cn=external,cn=auth\" \"\(Slapd.daemon)\""] },
    Fault(
      "slapd.rootdn", "bad", "rootdn", mend: "a name of its own"
    ) { $0.extraDatabaseLines = ["rootdn \(Slapd.daemon)"] },
    Fault(
      "slapd.otp-overlay", "warning", "slapo-otp is loaded", mend: "Take `overlay otp` out of"
    ) { ($0.extraGlobalLines, $0.extraDatabaseLines) = (["moduleload otp"], ["overlay otp"]) },
    Fault(
      "slapd.sock-overlay", "bad", "bind hook", mend: "olcOvSocketOps"
    ) {
      $0.extraGlobalLines = ["moduleload back_sock"]
      $0.extraDatabaseLines = ["overlay sock", "socketpath /nonexistent/socket", "sockops bind"]
    },
    Fault(
      "slapd.password-hash", "warning", "{ARGON2} of 4096 KiB and 3 passes", mend: "argon2 m=19456 t=2 p=1"
    ) { $0.extraGlobalLines = ["password-hash {ARGON2}"] },
    Fault(
      "replication.topology", "bad", "takes no writes", mend: "directory.uris"
    ) {
      $0.extraDatabaseLines = [
        "syncrepl rid=1 provider=ldap://127.0.0.1:1 bindmethod=simple binddn=cn=x credentials=a-secret "
          + "searchbase=\(Slapd.suffix) type=refreshAndPersist retry=\"600 +\""
      ]
    },
  ]

  private static func options(_ change: (inout Slapd.Options) -> Void = { _ in }) -> Slapd.Options {
    DoctorHouse.options { options in
      options.form = .slapdConf
      change(&options)
    }
  }

  @Test("names what is wrong in the file", arguments: faults)
  func isNamed(fault: Fault) async throws {
    try await DoctorHouse.with(Self.options()) { house in
      #expect(try house.report()[fault.check]?.result != fault.result)
      try house.house.slapd.restart(fault.cause)
      let report = try house.report()
      let finding = try #require(report[fault.check], "\(report.complaints)")
      #expect(finding.result == fault.result && finding.what.contains(fault.what), "\(finding)")
      #expect(finding.mend?.contains(fault.mend) == true, "\(finding)")
      #expect(!report.findings.contains { "\($0)".contains("a-secret") })
    }
  }

  /// The lines of a mend that stand in the file, below the one that says where.
  private static func lines(_ finding: DoctorHouse.Finding) throws -> [String] {
    let lines = (finding.mend ?? "").split(separator: "\n").map(String.init)
    #expect(lines.first?.hasPrefix("In /") == true && lines.first?.contains("slapd.conf, ") == true, "\(lines)")
    #expect(lines.last?.contains("slapd") == true && lines.count >= 3, "\(lines)")
    return Array(lines.dropFirst().dropLast())
  }

  @Test("its lines for the part of the database mend what is missing there", arguments: ["index", "limits"])
  func databaseLines(missing: String) async throws {
    let check = missing == "index" ? "slapd.indexes" : "slapd.limits"
    try await DoctorHouse.with(Self.options { $0.leavesOut.insert(missing) }) { house in
      let finding = try #require(try house.report()[check])
      #expect(finding.result != "good")
      let lines = try Self.lines(finding)
      #expect(lines.allSatisfy { $0.hasPrefix("\(missing) ") }, "\(lines)")
      try house.house.slapd.restart { $0.extraDatabaseLines = lines }
      #expect(try house.report()[check]?.result == "good")
    }
  }

  @Test("its lines for all of slapd mend what is missing there; a module may have arguments")
  func globalLines() async throws {
    try await DoctorHouse.with(Self.options { $0.leavesOutModules = ["argon2"] }) { house in
      let finding = try #require(try house.report()["slapd.password-modules"])
      #expect(finding.result == "warning")
      let lines = try Self.lines(finding)
      #expect(lines == ["moduleload argon2"])
      try house.house.slapd.restart {
        $0.extraGlobalLines = lines.map { "\($0) m=19456 t=2 p=1" } + ["password-hash {ARGON2}"]
      }
      let report = try house.report()
      #expect(report["slapd.password-modules"]?.result == "good")
      #expect(report["slapd.password-hash"]?.what == "slapd makes {ARGON2} of 19456 KiB and 2 passes.")
    }
  }

  @Test("what is mended in the directory is LDIF, as ever")
  func entries() async throws {
    try await DoctorHouse.with(Self.options()) { house in
      try house.modify("dn: cn=policy,\(Slapd.suffix)\nchangetype: modify\nreplace: pwdMinAge\npwdMinAge: 60")
      let finding = try #require(try house.report()["ppolicy.refuses-hashes"])
      try house.modify(finding.mend ?? "")
      #expect(try house.report()["ppolicy.settings"]?.result == "good")
    }
  }
}
