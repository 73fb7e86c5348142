import Fixtures
import Foundation
import Testing

/// Least privilege, seen by the LDAP tools: who may read, compare and write what of an account.
@Suite("Access") struct AccessTests {
  enum Identity: String, CaseIterable {
    case anonymous, owner, another, administrator, daemon

    func arguments(_ slapd: Slapd) -> [String] {
      switch self {
      case .anonymous: ["-x", "-H", slapd.uri]
      case .owner: ["-x", "-H", slapd.uri, "-D", Slapd.dn("jdoe"), "-w", "right"]
      case .another: ["-x", "-H", slapd.uri, "-D", Slapd.dn("other"), "-w", "right"]
      case .administrator: ["-x", "-H", slapd.uri, "-D", Slapd.dn("admin"), "-w", "right"]
      case .daemon: ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri]
      }
    }
  }

  struct Rights: OptionSet, CustomStringConvertible {
    let rawValue: Int
    static let read = Rights(rawValue: 1)
    static let compare = Rights(rawValue: 2)
    static let write = Rights(rawValue: 4)
    static let all: Rights = [.read, .compare, .write]
    var description: String {
      [(Rights.read, "r"), (.compare, "c"), (.write, "w")].map { contains($0.0) ? $0.1 : "-" }.joined()
    }
  }

  static let secrets = [
    "drawbridgePassword", "drawbridgePasswordHistory", "drawbridgeTOTPSecret", "drawbridgeTOTPLastStep",
    "drawbridgeRecoveryCode", "drawbridgeCode", "drawbridgePasswordTries", "drawbridgeOTPTries",
    "drawbridgeForgotTries", "drawbridgeCodeTries", "drawbridgeMailsSent", "drawbridgeNoticesSent",
    "drawbridgeSessionsSince", "drawbridgeSessionEnded",
  ]

  /// What `schema/access` grants. `mail` and `sn` are the organisation's: its rule here lets every user read.
  static func granted(_ identity: Identity, _ attribute: String) -> Rights {
    switch (identity, attribute) {
    case (.anonymous, _): []
    case (.daemon, "mail"): [.read, .compare]
    case (_, "mail"), (_, "sn"): [.read, .compare]
    case (.daemon, _): .all
    case (.administrator, "userPassword"): .write
    case (.administrator, _): secrets.contains(attribute) ? .write : .all
    case (.owner, _), (.another, _): []
    }
  }

  private func house() throws -> Slapd {
    let slapd = try Slapd()
    let values = SchemaAttribute.ofAccount.map { "\($0.name): \($0.values[0])" }
    let plain = "dn: uid=plain,\(Slapd.people)\nobjectClass: inetOrgPerson\nuid: plain\ncn: plain\nsn: plain\n"
    try slapd.add(
      Slapd.account("jdoe", values + ["userPassword: right"])
        + ["other", "admin"].map { Slapd.account($0, ["userPassword: right"]) }.joined()
        + plain + "userPassword: right\n")
    return slapd
  }

  @Test("exactly the granted rights are had", arguments: Identity.allCases)
  func grants(identity: Identity) throws {
    let slapd = try house()
    defer { slapd.remove() }
    let (who, dn) = (identity.arguments(slapd), Slapd.dn("jdoe"))
    let rows =
      SchemaAttribute.ofAccount.map { ($0.name, $0.values[0]) }
      + [("userPassword", "right"), ("mail", "jdoe@example.org"), ("sn", "jdoe")]
    let seen = try Command.run("ldapsearch", who + ["-LLL", "-b", dn, "-s", "base", "(objectClass=*)", "*"]).output
    for (attribute, value) in rows {
      var rights = Rights()
      if seen.contains("\n\(attribute):") { rights.insert(.read) }
      let compared = try Command.run("ldapcompare", who + [dn, "\(attribute):\(value)"])
      if compared.status == 6 || compared.status == 5 { rights.insert(.compare) }
      let written = try Command.run(
        "ldapmodify", who,
        input: "dn: \(dn)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)\n")
      if written.status == 0 { rights.insert(.write) }
      #expect(rights == Self.granted(identity, attribute), "\(attribute): \(rights)")
    }
  }

  @Test("what may not be read may not be searched by either", arguments: [Identity.anonymous, .owner, .another])
  func hidesFromFilters(identity: Identity) throws {
    let slapd = try house()
    defer { slapd.remove() }
    for attribute in SchemaAttribute.ofAccount {
      let found = try Command.run(
        "ldapsearch", identity.arguments(slapd) + ["-LLL", "-b", Slapd.people, "(\(attribute.name)=*)", "1.1"])
      #expect(!found.output.contains("dn:"), "\(attribute.name)")
    }
  }

  @Test("the daemon invites, adopts, and can neither delete, rename, nor make anything else of an entry")
  func boundsDaemon() throws {
    let slapd = try house()
    defer { slapd.remove() }
    let who = Identity.daemon.arguments(slapd)
    func status(_ tool: String, _ ldif: String) throws -> Int32 { try Command.run(tool, who, input: ldif).status }
    let plain = "uid=plain,\(Slapd.people)"

    #expect(try status("ldapadd", Slapd.account("new", ["drawbridgeInvitedTime: 20261124075600Z"])) == 0)
    #expect(try status("ldapadd", "dn: ou=x,\(Slapd.suffix)\nobjectClass: organizationalUnit\nou: x\n") == 50)
    #expect(
      try status(
        "ldapadd", "dn: cn=x,ou=groups,\(Slapd.suffix)\nobjectClass: groupOfNames\ncn: x\nmember: \(Slapd.daemon)\n")
        == 50)

    func adding(_ objectClass: String) -> String {
      "dn: \(plain)\nchangetype: modify\nadd: objectClass\nobjectClass: \(objectClass)\n"
    }
    #expect(try status("ldapmodify", adding("simpleSecurityObject")) == 50)
    #expect(try status("ldapmodify", adding("extensibleObject")) == 50)
    #expect(
      try status(
        "ldapmodify",
        adding("drawbridgeAccount") + "-\nadd: drawbridgeInvitedTime\ndrawbridgeInvitedTime: 2026112407Z\n"
      ) == 0)
    #expect(
      try status(
        "ldapmodify", "dn: \(plain)\nchangetype: modify\ndelete: objectClass\nobjectClass: drawbridgeAccount\n") == 50)

    #expect(try status("ldapmodify", "dn: \(plain)\nchangetype: delete\n") == 50)
    #expect(
      try status("ldapmodify", "dn: \(plain)\nchangetype: modrdn\nnewrdn: uid=else\ndeleteoldrdn: 0\n") == 50)
    let member = "dn: \(Slapd.admins)\nchangetype: modify\nadd: member\nmember: \(Slapd.daemon)\n"
    #expect(try status("ldapmodify", member) == 50)
  }

  @Test("accounts and other entries keep binding, and other entries keep the organisation's rules")
  func keepsOthers() throws {
    let slapd = try house()
    defer { slapd.remove() }
    let plain = "uid=plain,\(Slapd.people)"
    #expect(try slapd.bind(Slapd.dn("jdoe"), "right") == 0)
    #expect(try slapd.bind(plain, "right") == 0)
    #expect(try slapd.bind(Slapd.daemon, "daemon-secret") == 0)
    let password = ["-LLL", "-b", plain, "-s", "base", "userPassword", "sn"]
    let seen = try Command.run("ldapsearch", Identity.another.arguments(slapd) + password).output
    #expect(seen.contains("sn: plain") && seen.contains("userPassword:"), "the rule here lets users read all")
    let change = "dn: \(plain)\nchangetype: modify\nreplace: userPassword\nuserPassword: wrong\n"
    #expect(try Command.run("ldapmodify", Identity.daemon.arguments(slapd), input: change).status == 50)
  }

  @Test("what the daemons share is theirs to write and the administrators' to read")
  func guardsShared() throws {
    let slapd = try house()
    defer { slapd.remove() }
    let dn = "cn=drawbridge,\(Slapd.suffix)"
    let sweep = "dn: \(dn)\nchangetype: modify\nreplace: drawbridgeLastSweep\ndrawbridgeLastSweep: 20261124075600Z\n"
    for identity in Identity.allCases {
      let who = identity.arguments(slapd)
      let written = try Command.run("ldapmodify", who, input: sweep).status == 0
      #expect(written == (identity == .daemon), "\(identity)")
      let seen = try Command.run("ldapsearch", who + ["-LLL", "-b", dn, "-s", "base"]).output
      #expect(seen.contains("cn: drawbridge") == (identity == .daemon || identity == .administrator), "\(identity)")
    }
  }
}
