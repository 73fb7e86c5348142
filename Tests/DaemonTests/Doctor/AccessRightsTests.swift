import Fixtures
import Foundation
import Testing

/// The access rules are broken on the running server for one identity at a time; slapacl shows it to the doctor.
@Suite("The doctor of access rights") struct AccessRightsTests {
  private static let database = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"
  private static func rule(_ text: String) -> String { database + "add: olcAccess\nolcAccess: {0}\(text)" }

  /// A right that is too much, or too little, and how it is named.
  struct Breach: Sendable, CustomTestStringConvertible {
    let rule: String
    let check: String
    let result: String
    let what: String
    var testDescription: String { rule }

    init(_ rule: String, _ check: String, _ result: String, _ what: String) {
      (self.rule, self.check, self.result, self.what) = (rule, check, result, what)
    }
  }

  private static let other = "dn.exact=\"\(Slapd.dn("jroe"))\""
  private static let admins = "group.exact=\"\(Slapd.admins)\""
  private static let daemon = "dn.exact=\"\(Slapd.daemon)\""

  static let breaches = [
    Breach(
      "to attrs=drawbridgeTOTPSecret by anonymous read by * break", "access.anonymous", "bad",
      "Anybody, unauthenticated, may read drawbridgeTOTPSecret."),
    Breach("to attrs=userPassword by self =w by * break", "access.self", "bad", "may write userPassword."),
    Breach("to attrs=userPassword by self =cx by * break", "access.self", "bad", "may guess userPassword."),
    Breach("to attrs=mail by self write by * break", "access.self", "bad", "may write mail."),
    Breach(
      "to attrs=drawbridgeTOTPLastStep by self read by * break", "access.self", "bad",
      "may read drawbridgeTOTPLastStep."),
    Breach("to attrs=objectClass by self write by * break", "access.self", "bad", "may write objectClass."),
    Breach(
      "to attrs=pwdAccountLockedTime by self write by * break", "access.self", "bad", "may write pwdAccountLockedTime."),
    Breach(
      "to attrs=drawbridgeOTPTries by \(other) =z by * break", "access.other", "bad", "may write drawbridgeOTPTries."),
    Breach(
      "to attrs=drawbridgeDeactivatedTime by \(other) read by * break", "access.other", "warning",
      "may read drawbridgeDeactivatedTime."),
    Breach(
      "to attrs=userPassword by \(admins) read by * break", "access.administrator", "warning",
      "may read userPassword; may not write userPassword."),
    Breach(
      "to attrs=drawbridgeTOTPLastStep by \(daemon) read by * break", "access.daemon", "bad",
      "may not write drawbridgeTOTPLastStep."),
    Breach("to attrs=pwdHistory by self read by * break", "access.self", "bad", "may read pwdHistory."),
    Breach("to attrs=entry by \(daemon) write by * break", "access.daemon", "warning", "may delete the entry."),
    Breach(
      "to attrs=objectClass by \(daemon) read by * break", "access.daemon", "bad",
      "may not add objectClass=drawbridgeAccount."),
    Breach("to attrs=objectClass by \(daemon) write by * break", "access.daemon", "warning", "may write objectClass."),
    Breach("to attrs=mail by \(daemon) write by * break", "access.daemon", "warning", "may write mail."),
  ]

  @Test(
    "names what an identity may do and should not, or the other way round, and no other identity", arguments: breaches)
  func breach(_ breach: Breach) async throws {
    try await DoctorHouse.with { house in
      try house.configure(Self.rule(breach.rule))
      let report = try house.report()
      let finding = try #require(report[breach.check])
      #expect(finding.result == breach.result && finding.what.hasSuffix(breach.what), "\(finding)")
      #expect(finding.why != nil && finding.mend != nil)
      let others = report.findings.filter {
        ["anonymous", "self", "other", "administrator", "daemon"].map { "access.\($0)" }.contains($0.check)
          && $0.check != breach.check
      }
      #expect(others.count == 4 && others.allSatisfy { $0.result == "good" }, "\(others)")
    }
  }

  @Test("names a right that the daemon lacks for its conditions, which it finds out by itself")
  func conditions() async throws {
    try await DoctorHouse.with { house in
      try house.configure(Self.rule("to attrs=drawbridgeTOTPLastStep by \(Self.daemon) none by * break"))
      let finding = try #require(try house.report()["directory.rights"])
      #expect(finding.result == "bad" && finding.what.contains("drawbridgeTOTPLastStep in uid="))
      try house.configure(Self.rule("to attrs=pwdAccountLockedTime by \(Self.daemon) none by * break"))
      #expect(try house.report()["directory.rights"]?.what.contains("pwdAccountLockedTime") == true)
    }
  }

  @Test("tells whether the daemon makes entries for invitations, and whether it could delete them")
  func invitations() async throws {
    try await DoctorHouse.with { house in
      func finding() throws -> DoctorHouse.Finding? { try house.report()["access.invitations"] }
      #expect(try finding()?.result == "good")
      try house.configure(Self.rule("to attrs=children by \(Self.daemon) write by * break"))
      #expect(try finding()?.what == "The daemon may delete entries below \(Slapd.people).")
      try house.configure(Self.rule("to attrs=children by \(Self.daemon) read by * break"))
      #expect(try finding()?.what == "The daemon may not add entries below \(Slapd.people).")
    }
  }

  @Test("names the rule that comes before Drawbridge's")
  func order() async throws {
    try await DoctorHouse.with { house in
      try house.configure(Self.rule("to attrs=telephoneNumber by self write by * read"))
      #expect(try house.report()["access.order"]?.result == "good")
      try house.configure(Self.rule("to dn.subtree=\"\(Slapd.people)\" by self write by users read by anonymous auth"))
      let report = try house.report()
      let finding = try #require(report["access.order"])
      #expect(finding.result == "bad" && finding.what.contains("{0}") && finding.what.contains("by self write"))
      #expect(report["access.self"]?.result == "bad" && report["access.daemon"]?.result == "bad")
    }
  }

  @Test("names rules that were never loaded")
  func absent() async throws {
    let options = DoctorHouse.options { $0.leavesOut.formUnion(["access", "access-ppolicy"]) }
    try await DoctorHouse.with(options) { house in
      let report = try house.report()
      #expect(report.status == 2)
      #expect(report["access.order"]?.what == "No access rule of the database is about Drawbridge's secrets.")
      #expect(report["access.other"]?.result == "bad" && report["access.daemon"]?.result == "bad")
      #expect(report["access.order"]?.mend?.hasPrefix("drawbridge setup") == true)
      #expect(report["access.administrator"]?.result == "unknown")
      let named = try house.report(["--administrator", Slapd.dn("admin")])
      #expect(named["access.administrator"]?.result == "warning")
    }
  }

  @Test("tries what owners may do on an account that is no administrator's, or says that there is none")
  func administratorsAlone() async throws {
    try await DoctorHouse.with { house in
      func owner() throws -> DoctorHouse.Finding? { try house.report()["access.self"] }
      for person in ["jdoe", "jroe"] {
        try house.modify("dn: \(Slapd.admins)\nchangetype: modify\nadd: member\nmember: \(Slapd.dn(person))")
        let finding = try #require(try owner())
        #expect(finding.result == (person == "jdoe" ? "good" : "unknown"), "\(finding)")
        if person == "jroe" { #expect(finding.what.contains("is an administrator's"), "\(finding)") }
      }
    }
  }

  private func load(_ name: String, into house: DoctorHouse) throws {
    try house.configure(Slapd.schema("\(name).ldif"))
  }

  @Test("tells whether a password alone gets past the authenticator")
  func simpleBind() async throws {
    try await DoctorHouse.with { house in
      let open = try #require(try house.report()["access.simple-bind"])
      #expect(open.result == "note" && open.mend?.contains("access-refuse-simple-bind.ldif") == true)
      try load("access-refuse-simple-bind", into: house)
      let report = try house.report()
      #expect(report["access.simple-bind"]?.result == "good" && report["access.anonymous"]?.result == "good")
    }
  }

  @Test("tells whether deactivated accounts still bind, with such an account to try it on, and without")
  func deactivatedBind() async throws {
    let options = DoctorHouse.options { $0.ppolicy = false }
    try await DoctorHouse.with(options) { house in
      func result() throws -> String? { try house.report()["access.deactivated-bind"]?.result }
      let marker = "drawbridgeDeactivatedTime"
      #expect(try result() == "warning")
      #expect(try house.report()["access.deactivated-bind"]?.mend?.hasPrefix("drawbridge setup  (") == true)
      try house.house.slapd.modify(house.people[0], "add: \(marker)\n\(marker): 20260101000000Z")
      #expect(try result() == "warning")
      try load("access-deactivated-bind", into: house)
      #expect(try result() == "good")
      try house.house.slapd.modify(house.people[0], "delete: \(marker)")
      let report = try house.report()
      #expect(report["access.deactivated-bind"]?.result == "good")
      let policy = try #require(report["directory.ppolicy"])
      #expect(policy.result == "note" && policy.mend == nil, "\(policy)")
      #expect(report["ppolicy.settings"]?.result == "good")
    }
  }
}
