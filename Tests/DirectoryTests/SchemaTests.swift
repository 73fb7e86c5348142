import Fixtures
import Foundation
import Testing

@testable import Directory

/// An attribute as `schema/` promises it.
struct SchemaAttribute: Sendable, CustomTestStringConvertible {
  let name: String
  let equality: String
  let ordering: String?
  let isSingle: Bool
  let values: [String]
  var testDescription: String { name }

  static func octets(_ name: String, isSingle: Bool = true) -> Self {
    Self(name: name, equality: "octetStringMatch", ordering: nil, isSingle: isSingle, values: ["one", "two"])
  }
  static func integer(_ name: String) -> Self {
    Self(
      name: name, equality: "integerMatch", ordering: "integerOrderingMatch", isSingle: true, values: ["59000000", "2"])
  }
  static func time(_ name: String) -> Self {
    Self(
      name: name, equality: "generalizedTimeMatch", ordering: "generalizedTimeOrderingMatch", isSingle: true,
      values: ["20261124075600.123456Z", "20261124075600.123457Z"])
  }
  static func text(_ name: String, isSingle: Bool = true) -> Self {
    Self(
      name: name, equality: "caseExactIA5Match", ordering: nil, isSingle: isSingle,
      values: ["1 20261124075600.123456Z", "2 20261124075600.123456Z"])
  }
  static func boolean(_ name: String) -> Self {
    Self(name: name, equality: "booleanMatch", ordering: nil, isSingle: true, values: ["TRUE", "FALSE"])
  }

  static let ofAccount: [SchemaAttribute] = [
    .octets("drawbridgePassword"), .octets("drawbridgeTOTPSecret"), .integer("drawbridgeTOTPLastStep"),
    .octets("drawbridgeRecoveryCode", isSingle: false), .time("drawbridgeLastSignIn"),
    .time("drawbridgePreviousSignIn"), .time("drawbridgeIdleSince"), .time("drawbridgeInvitedTime"),
    .time("drawbridgeDeactivatedTime"), .text("drawbridgeDeactivatedReason"), .boolean("drawbridgeLockSet"),
    .time("drawbridgeWarnedTime"), .octets("drawbridgeCode"), .text("drawbridgePasswordTries"),
    .text("drawbridgeOTPTries"), .text("drawbridgeForgotTries"), .text("drawbridgeCodeTries"),
    .text("drawbridgeMailsSent"), .text("drawbridgeNoticesSent"), .time("drawbridgeSessionsSince"),
    .text("drawbridgeSessionEnded", isSingle: false),
    .octets("drawbridgePasswordHistory", isSingle: false), .boolean("drawbridgeExempt"),
    .time("drawbridgeWarningClaimed"),
  ]
  static let shared: [SchemaAttribute] = [
    .integer("drawbridgeSchemaVersion"), .time("drawbridgeLastSweep"), .time("drawbridgeSweepBegun"),
    .text("drawbridgeLastDigest", isSingle: false),
  ]
}

@Suite("The schema and its companions, in both forms") struct SchemaTests {
  private func slapd(_ form: Slapd.Options.Form, _ files: String..., ppolicy: Bool = false) throws -> Slapd {
    var options = Slapd.Options()
    (options.form, options.extraFiles, options.ppolicy) = (form, files, ppolicy)
    options.logsOperations = true
    return try Slapd(options)
  }

  @Test("slapd knows every attribute with its matching rules", arguments: Slapd.Options.Form.allCases)
  func knowsAttributes(form: Slapd.Options.Form) throws {
    let slapd = try slapd(form)
    defer { slapd.remove() }
    let schema = try slapd.search("(objectClass=*)", base: "cn=Subschema", scope: "base").first
    let known = (schema?["attributetypes"] ?? []).map { String(decoding: $0, as: UTF8.self) }
      .filter { $0.contains("'drawbridge") }
    let promised = SchemaAttribute.ofAccount + SchemaAttribute.shared
    #expect(known.count == promised.count)
    for attribute in promised {
      let text = try #require(known.first { $0.contains("NAME '\(attribute.name)'") })
      #expect(text.contains("EQUALITY \(attribute.equality) "), "\(text)")
      #expect(text.contains("SINGLE-VALUE") == attribute.isSingle, "\(text)")
      #expect(text.contains(" ORDERING ") == (attribute.ordering != nil), "\(text)")
      #expect(attribute.ordering.map { text.contains("ORDERING \($0) ") } ?? true, "\(text)")
    }
    let classes = (schema?["objectclasses"] ?? []).map { String(decoding: $0, as: UTF8.self) }
    let account = try #require(classes.first { $0.contains("'drawbridgeAccount'") })
    #expect(account.contains("AUXILIARY"))
    for attribute in SchemaAttribute.ofAccount { #expect(account.contains(" \(attribute.name) ")) }
    #expect(classes.contains { $0.contains("'drawbridgeShared'") && $0.contains("STRUCTURAL") })
  }

  @Test("each value is deleted by that value alone, and a single-valued attribute takes no second one")
  func deletesByValue() throws {
    let slapd = try slapd(.slapdConf)
    defer { slapd.remove() }
    try slapd.add(Slapd.account("jdoe"))
    let rows =
      SchemaAttribute.ofAccount.map { (Slapd.dn("jdoe"), $0) }
      + SchemaAttribute.shared.map { ("cn=drawbridge,\(Slapd.suffix)", $0) }
    for (dn, attribute) in rows {
      func modify(_ operation: String, _ value: String) throws {
        try slapd.modify(
          "dn: \(dn)\nchangetype: modify\n\(operation): \(attribute.name)\n\(attribute.name): \(value)\n")
      }
      let (one, two) = (attribute.values[0], attribute.values[1])
      try slapd.modify("dn: \(dn)\nchangetype: modify\nreplace: \(attribute.name)\n")
      try modify("add", one)
      if attribute.isSingle { #expect(throws: FixtureError.self) { try modify("add", two) } }
      #expect(throws: FixtureError.self, "\(attribute.name)") { try modify("delete", two) }
      try modify("delete", one)
      #expect(try slapd.entry(dn)?[attribute.name.lowercased()] == nil)
    }
  }

  @Test("identity: the daemon's Unix user is the daemon, and the probe of a server is content")
  func mapsIdentity() async throws {
    for form in Slapd.Options.Form.allCases {
      for ppolicy in [false, true] {
        let slapd = try slapd(form, ppolicy: ppolicy)
        defer { slapd.remove() }
        let name = try Command.run("ldapwhoami", ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri]).output
        #expect(name.lowercased().hasPrefix("dn:\(Slapd.daemon)"), "\(name)")
        let directory = try openDirectory(slapd)
        try await directory.ping()
        #expect(try await directory.servers.connection().traits.knowsPasswordPolicy == ppolicy)
        await directory.close()
      }
    }
  }

  @Test("limits and index: the daemon reads more than 500 entries, nobody else does, and every search is indexed")
  func readsMany() async throws {
    for form in Slapd.Options.Form.allCases {
      let slapd = try slapd(form)
      defer { slapd.remove() }
      try slapd.add(
        (0..<501).map { Slapd.account("u\($0)", ["drawbridgeIdleSince: 20200101000000Z"]) }.joined()
          + Slapd.account("reader", ["userPassword: reader-secret"]))
      let arguments = ["-LLL", "-b", Slapd.people, "(objectClass=drawbridgeAccount)", "1.1"]
      let everybody = try Command.run(
        "ldapsearch",
        ["-x", "-H", slapd.uri, "-D", Slapd.dn("reader"), "-w", "reader-secret"] + arguments)
      #expect(everybody.status == 4, "sizeLimitExceeded (RFC 4511, section 4.1.9)")
      let daemon = try Command.run("ldapsearch", ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri] + arguments)
      #expect(daemon.output.components(separatedBy: "dn: uid=").count == 503)

      let directory = try openDirectory(slapd)
      _ = try await directory.account("u1@example.org")
      _ = try await directory.forEach(.idle(since: today)) { _ in true }
      _ = try await directory.forEach(.withoutTime) { _ in true }
      await directory.close()
      #expect(!slapd.log.contains("not indexed"))
    }
  }

  @Test("access-ppolicy: the lock and pwdReset are the daemon's and the administrators'")
  func guardsLock() throws {
    for form in Slapd.Options.Form.allCases {
      let slapd = try slapd(form, ppolicy: true)
      defer { slapd.remove() }
      try slapd.add(["admin", "jdoe"].map { Slapd.account($0, ["userPassword: \($0)-secret"]) }.joined())
      let lock = "dn: \(Slapd.dn("jdoe"))\nchangetype: modify\nreplace: pwdAccountLockedTime\n"
      let external = ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri]
      func simple(_ uid: String) -> [String] { ["-x", "-H", slapd.uri, "-D", Slapd.dn(uid), "-w", "\(uid)-secret"] }
      for (who, isAllowed) in [(external, true), (simple("admin"), true), (simple("jdoe"), false)] {
        let locked = try Command.run("ldapmodify", who, input: lock + "pwdAccountLockedTime: 20200101000000Z\n")
        #expect(locked.status == (isAllowed ? 0 : 50), "\(who)")
        try slapd.modify(lock)
      }
    }
  }

  @Test("access-deactivated-bind: a deactivated account does not bind, others do")
  func refusesDeactivated() throws {
    for form in Slapd.Options.Form.allCases {
      let slapd = try slapd(form, "access-deactivated-bind")
      defer { slapd.remove() }
      let marker = "drawbridgeDeactivatedTime: 20200101000000Z"
      try slapd.add(
        Slapd.account("jdoe", ["userPassword: right", marker]) + Slapd.account("other", ["userPassword: right"]))
      #expect(try slapd.bind(Slapd.dn("jdoe"), "right") == 49)
      #expect(try slapd.bind(Slapd.dn("other"), "right") == 0)
    }
  }

  @Test("access-refuse-simple-bind: no account binds with its password alone, other entries do")
  func refusesSimpleBind() throws {
    for form in Slapd.Options.Form.allCases {
      let slapd = try slapd(form, "access-refuse-simple-bind")
      defer { slapd.remove() }
      try slapd.add(Slapd.account("jdoe", ["userPassword: right"]))
      #expect(try slapd.bind(Slapd.dn("jdoe"), "right") == 49)
      #expect(try slapd.bind(Slapd.daemon, "daemon-secret") == 0)
    }
  }
}

extension Slapd {
  /// The result code of a simple bind.
  func bind(_ dn: String, _ password: String) throws -> Int32 {
    try Command.run("ldapwhoami", ["-x", "-H", uri, "-D", dn, "-w", password]).status
  }
}
