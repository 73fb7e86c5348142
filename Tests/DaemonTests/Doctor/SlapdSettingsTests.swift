import Fixtures
import Foundation
import Testing

/// Each setting of slapd is broken on the running server, is named, and is mended by what the doctor prints.
@Suite("The doctor of slapd's settings") struct SlapdSettingsTests {
  private let database = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"

  @Test("names a missing index, and its LDIF adds it")
  func indexes() async throws {
    try await DoctorHouse.with { house in
      try house.configure(
        database + "delete: olcDbIndex\nolcDbIndex: mail eq\n-\ndelete: olcDbIndex\nolcDbIndex: uid eq")
      let finding = try #require(try house.report()["slapd.indexes"])
      #expect(finding.result == "warning" && finding.what == "Not indexed: mail eq, uid eq.")
      try house.configure(finding.mend ?? "")
      #expect(try house.report()["slapd.indexes"]?.result == "good")
    }
  }

  @Test("names missing limits, limits that come first and are too small, and a daemon that is rootdn")
  func limits() async throws {
    try await DoctorHouse.with { house in
      try house.configure(database + "delete: olcLimits")
      let missing = try #require(try house.report()["slapd.limits"])
      #expect(missing.result == "bad" && missing.what.contains("No olcLimits"))
      try house.configure(database + "add: olcLimits\nolcLimits: users size=1")
      let small = try #require(try house.report()["slapd.limits"])
      #expect(small.result == "bad" && small.what.contains("users size=1"))
      let unread = try #require(try house.report()["accounts.read"])
      #expect(unread.result == "unknown" && unread.what.contains("limit"), "\(unread)")
      try house.configure(small.mend ?? "")
      let report = try house.report()
      #expect(report["slapd.limits"]?.result == "good" && report["slapd.rootdn"]?.result == "good")
      // A slapd that runs counts by limits that were added before others at its next start.

      try house.configure(database + "replace: olcRootDN\nolcRootDN: \(Slapd.daemon)")
      #expect(try house.report()["slapd.rootdn"]?.result == "bad")
    }
  }

  @Test(
    "names each setting of a password policy that breaks Drawbridge's writes, or leaves its locks without effect",
    arguments: [
      ("pwdCheckQuality", "2", "ppolicy.refuses-hashes"), ("pwdMinAge", "3600", "ppolicy.refuses-hashes"),
      ("pwdSafeModify", "TRUE", "ppolicy.refuses-hashes"), ("pwdLockout", "FALSE", "ppolicy.lockout"),
    ])
  func policies(attribute: String, value: String, check: String) async throws {
    try await DoctorHouse.with { house in
      try house.modify(
        "dn: cn=policy,\(Slapd.suffix)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)")
      let report = try house.report()
      let finding = try #require(report[check], "\(report.complaints)")
      #expect(report.status == 2 && report.findings.count { $0.check.hasPrefix("ppolicy.") } == 1)
      #expect(finding.result == "bad" && finding.what.contains(attribute))
      #expect(report["access.deactivated-bind"]?.result == (check == "ppolicy.lockout" ? "warning" : "good"))
      try house.modify(finding.mend ?? "")
      #expect(try house.report()["ppolicy.settings"]?.result == "good")
    }
  }

  @Test("names a default policy that does not exist, and that there is none")
  func defaultPolicy() async throws {
    try await DoctorHouse.with { house in
      try house.configure(
        "dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcPPolicyDefault\n"
          + "olcPPolicyDefault: cn=none,\(Slapd.suffix)")
      let finding = try #require(try house.report()["ppolicy.lockout"])
      #expect(finding.result == "bad" && finding.what.contains("cn=none,\(Slapd.suffix)"))
      try house.configure(
        "dn: olcOverlay={0}ppolicy,olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcPPolicyDefault")
      let none = try #require(try house.report()["ppolicy.lockout"])
      #expect(none.what == "ppolicy has no default policy.")
      try house.configure(
        (none.mend ?? "").replacingOccurrences(
          of: "<the DN of an entry of the class pwdPolicy>", with: "cn=policy,\(Slapd.suffix)"))
      #expect(try house.report()["ppolicy.settings"]?.result == "good")
    }
  }

  @Test("names a scheme that slapd has no module for, and its LDIF loads it")
  func modules() async throws {
    let options = DoctorHouse.options { $0.leavesOutModules = ["argon2", "pw-pbkdf2"] }
    try await DoctorHouse.with(options) { house in
      let finding = try #require(try house.report()["slapd.password-modules"])
      #expect(finding.result == "warning" && finding.what.contains("{ARGON2} (2) for want of argon2"))
      #expect(!finding.what.contains("pbkdf2"))
      try house.configure(finding.mend ?? "")
      #expect(try house.report()["slapd.password-modules"]?.result == "good")
    }
  }

  @Test("tells the topology: a copy, several providers with plain syncrepl, and with delta-syncrepl")
  func topology() async throws {
    try await DoctorHouse.with { house in
      func topology() throws -> DoctorHouse.Finding? { try house.report()["replication.topology"] }
      try house.configure("dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: syncprov")
      try house.configure(
        "dn: olcOverlay=syncprov,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n"
          + "objectClass: olcSyncProvConfig\nolcOverlay: syncprov")
      #expect(try topology()?.what.contains("One provider") == true)
      let plain =
        "olcSyncrepl: rid=1 provider=ldap://127.0.0.1:1 bindmethod=simple binddn=cn=x credentials=a-secret "
        + "searchbase=\(Slapd.suffix) type=refreshAndPersist retry=\"600 +\""
      try house.configure(database + "add: olcSyncrepl\n\(plain)")
      let consumer = try topology()
      #expect(consumer?.result == "bad" && consumer?.what.contains("takes no writes") == true)
      try house.configure(database + "add: olcMultiProvider\nolcMultiProvider: TRUE")
      let several = try #require(try topology())
      #expect(several.result == "warning" && several.what.contains("plain syncrepl"))
      let delta = plain + " syncdata=accesslog logbase=\"cn=accesslog\" logfilter=\"(reqResult=0)\""
      try house.configure(database + "replace: olcSyncrepl\n\(delta)")
      #expect(try topology()?.result == "note")
      #expect(try !house.doctor().output.contains("a-secret"))
    }
  }

  @Test("names an accesslog that everybody reads, then one that nothing is purged from; each mend is one")
  func accesslog() async throws {
    try await DoctorHouse.with { house in
      try FileManager.default.createDirectory(
        atPath: "\(house.house.slapd.directory)/log", withIntermediateDirectories: true)
      try house.configure(
        "dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: accesslog")
      try house.configure(
        "dn: olcDatabase=mdb,cn=config\nchangetype: add\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\n"
          + "olcDatabase: mdb\nolcSuffix: cn=accesslog\nolcDbDirectory: \(house.house.slapd.directory)/log\n"
          + "olcDbIndex: reqStart eq\nolcRootDN: cn=accesslog")
      try house.configure(
        "dn: olcOverlay=accesslog,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n"
          + "objectClass: olcAccessLogConfig\nolcOverlay: accesslog\nolcAccessLogDB: cn=accesslog\n"
          + "olcAccessLogOps: writes")
      let open = try #require(try house.report()["logs.accesslog"])
      #expect(open.result == "bad" && open.what == "Anybody may read cn=accesslog.", "\(open)")
      try house.configure(open.mend ?? "")
      let endless = try #require(try house.report()["logs.accesslog"])
      #expect(endless.result == "warning" && endless.what.contains("for ever"), "\(endless)")
      try house.configure(endless.mend ?? "")
      #expect(try house.report()["logs.accesslog"]?.result == "note")
    }
  }

  @Test("names an auditlog that others read")
  func auditlog() async throws {
    try await DoctorHouse.with { house in
      let file = "\(house.house.slapd.directory)/audit.ldif"
      try Data().write(to: URL(fileURLWithPath: file))
      try house.configure("dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: auditlog")
      try house.configure(
        "dn: olcOverlay=auditlog,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n"
          + "objectClass: olcAuditLogConfig\nolcOverlay: auditlog\nolcAuditlogFile: \(file)")
      for (mode, result) in [(0o644, "bad"), (0o600, "note")] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        #expect(try house.report()["logs.auditlog"]?.result == result)
      }
    }
  }

  @Test("names the bind hook of slapo-sock, and slapo-otp")
  func overlays() async throws {
    try await DoctorHouse.with { house in
      for module in ["back_sock", "otp"] {
        try house.configure(
          "dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: \(module)")
      }
      try house.configure(
        "dn: olcOverlay=otp,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n"
          + "olcOverlay: otp")
      let otp = try #require(try house.report()["slapd.otp-overlay"])
      #expect(otp.result == "warning")
      try house.configure(otp.mend ?? "")
      #expect(try house.report()["slapd.otp-overlay"] == nil)

      try house.configure(
        "dn: olcOverlay=sock,olcDatabase={1}mdb,cn=config\nchangetype: add\nobjectClass: olcOverlayConfig\n"
          + "objectClass: olcOvSocketConfig\nolcOverlay: sock\nolcDbSocketPath: \(house.house.slapd.directory)/none\n"
          + "olcOvSocketOps: bind")
      #expect(try house.report()["slapd.sock-overlay"]?.result == "bad")
    }
  }
}
