import ArgumentParser
import Fixtures
import Foundation
import Testing
import Wire

@testable import drawbridge

@Suite("From facts to findings") struct ObservedFactsTests {
  private func configuration(_ modules: [String] = [], threads: String? = nil, overlays: [LDIFEntry] = []) throws
    -> SlapdConfiguration
  {
    let global = LDIFEntry(dn: "cn=config", threads.map { ["olcThreads": [$0]] } ?? [:])
    let database = LDIFEntry(dn: "olcDatabase={1}mdb,cn=config", ["olcDatabase": ["{1}mdb"], "olcSuffix": ["dc=x"]])
    let module = LDIFEntry(dn: "cn=module{0},cn=config", ["olcModuleLoad": modules])
    return try #require(SlapdConfiguration([global, module, database] + overlays))
  }

  @Test("slapacl's rights: levels and letters, values, and what is none")
  func rights() {
    let rights = Rights(
      parsing: Array(
        """
        authcDN: "uid=a,dc=x"
        userPassword: auth(=xd)
        mail: read(=rscxd)
        drawbridgeCode: =w
        uid: =az
        cn: none(=0)
        objectClass=drawbridgeAccount: =arscxd
        """.utf8))
    #expect(rights.mayBind("USERPASSWORD") && !rights.mayGuess("userPassword") && !rights.mayChange("userPassword"))
    #expect(rights.mayRead("mail") && rights.mayGuess("mail") && !rights.mayAdd("mail"))
    #expect(rights.mayWrite("drawbridgeCode") && !rights.mayRead("drawbridgeCode"))
    #expect(rights.mayWrite("uid") && rights.mayChange("uid"))
    #expect(rights.of("cn") == [] && rights.of("sn") == nil)
  }

  @Test("an attribute that slapacl was silent about is unknown, not good")
  func silence() {
    let findings = AccessAsSeen.findings(
      names: ["mail"], knowsPasswordPolicy: false, [(.anonymous, .success(Rights(["mail": ""])))])
    #expect(findings.map(\.verdict) == [.unknown])
  }

  @Test(
    "slapd's version, and its traps",
    arguments: [
      ("@(#) $OpenLDAP: slapd 2.5.13+dfsg-5 (Feb  8 2023 01:56:12) $", "note"),
      ("@(#) $OpenLDAP: slapd 2.6.10 (x)", "good"), ("OpenLDAP: slapd 2.4.57+dfsg-3+deb11u1 (", "bad"),
    ])
  func version(text: String, verdict: String) throws {
    let version = try #require(SlapdVersion(parsing: Array(text.utf8)))
    #expect(version.findings(nil).map(\.verdict.rawValue) == [verdict])
  }

  @Test("the bind hook of slapo-sock is a trap below 2.6.14 alone")
  func bindHook() throws {
    func isTrap(_ version: SlapdVersion, _ operations: String) throws -> Bool {
      let overlay = LDIFEntry(
        dn: "olcOverlay={0}sock,olcDatabase={1}mdb,cn=config",
        ["olcOverlay": ["{0}sock"], "olcOvSocketOps": [operations]])
      return version.findings(try configuration(overlays: [overlay])).contains { $0.check == "slapd.sock-overlay" }
    }
    #expect(try isTrap(SlapdVersion(2, 6, 13), "bind search") && isTrap(SlapdVersion(2, 5, 20), "bind"))
    #expect(try !isTrap(SlapdVersion(2, 6, 14), "bind") && !isTrap(SlapdVersion(2, 5, 13), "search"))
    #expect(SlapdVersion(parsing: Array("nothing".utf8)) == nil)
  }

  @Test("each scheme needs its module, and slapd's own need none")
  func schemes() throws {
    func finding(_ modules: [String], _ schemes: [String: Int]) throws -> Finding {
      StoredPasswords.modules(try configuration(modules), schemes: schemes)
    }
    #expect(try finding(["{0}argon2.la"], ["SSHA": 3, "CRYPT": 1]).verdict == .good)
    let missing = try finding(["argon2"], ["PBKDF2-SHA256": 2, "SSHA512": 1])
    #expect(missing.verdict == .warning)
    #expect(missing.what.contains("{PBKDF2-SHA256} (2) for want of pw-pbkdf2; {SSHA512} (1) for want of pw-sha2"))
    #expect(try finding([], [:]).what.contains("{ARGON2} (0)"))
  }

  @Test("what slapd makes of passwords in clear, by its own default, and by weak and strong costs of argon2")
  func ownHashes() throws {
    func verdict(_ scheme: String?, _ module: String = "argon2") throws -> Finding.Verdict {
      let frontend = LDIFEntry(
        dn: "olcDatabase={-1}frontend,cn=config",
        ["olcDatabase": ["{-1}frontend"], "olcPasswordHash": scheme.map { [$0] } ?? []])
      return SlapdHashes.finding(try configuration([module], overlays: [frontend])).verdict
    }
    #expect(try verdict(nil) == .note && verdict("{SSHA512}") == .note && verdict("{ARGON2}", "ppolicy") == .note)
    #expect(try verdict("{ARGON2}") == .warning && verdict("{argon2}", "argon2.la m=19455 t=2") == .warning)
    #expect(try verdict("{ARGON2}", "{2}argon2 m=19456 t=2 p=1") == .good)
    #expect(
      try verdict("{ARGON2}", "argon2 m=7168 t=9") == .good && verdict("{ARGON2}", "argon2 m=65536 t=0") == .warning)
  }

  @Test("a pass-through needs a saslauthd_path and threads")
  func passThrough() throws {
    let sasl = Array("# saslauthd_path: /no\npwcheck_method: saslauthd\nsaslauthd_path: /run/mux \n".utf8)
    func finding(_ count: Int, threads: String? = nil, sasl: [UInt8]?) throws -> Finding {
      StoredPasswords.passThrough(try configuration(threads: threads), count: count, sasl: sasl)
    }
    #expect(try finding(0, sasl: nil).verdict == .good)
    #expect(try finding(2, sasl: nil).verdict == .warning)
    #expect(try finding(2, sasl: Array("#saslauthd_path: /no".utf8)).verdict == .warning)
    #expect(try finding(2, sasl: sasl).what == "2 passwords pass through to /run/mux; slapd has 16 threads.")
    let few = try finding(2, threads: "4", sasl: sasl)
    #expect(few.verdict == .warning && few.mend?.hasSuffix("olcThreads: 16") == true)
  }

  @Test(
    "which Unix users a pattern takes for the daemon",
    arguments: [
      ("\"^gidNumber=110[+]uidNumber=105,cn=peercred,cn=external,cn=auth$\" \"cn=d,dc=x\"", Finding.Verdict.good),
      ("gidNumber=110[+]uidNumber=105,cn=peercred,cn=external,cn=auth cn=d,dc=x", .good),
      // The end of another number, the beginning of one, another user, and nobody.
      ("\"uidNumber=[0-9]*105,cn=peercred\" \"cn=d,dc=x\"", .bad), ("\"uidNumber=105\" \"cn=d,dc=x\"", .bad),
      ("\".*\" \"cn=d,dc=x\"", .bad), ("\"gidNumber=110[+]uidNumber=[0-9]+,\" \"CN=d, dc=x\"", .bad),
      ("\"uidNumber=106,\" \"cn=d,dc=x\"", .bad), ("\"^nothing$\" \"cn=d,dc=x\"", .bad), ("", .bad),
      ("\"gidNumber=110[+]uidNumber=105,cn=peercred\" \"cn=somebody\"", .bad),
    ])
  func mapping(value: String, verdict: Finding.Verdict) {
    let finding = IdentityMapping.finding([value], daemon: "cn=d,dc=x", uid: 105, gid: 110, bindsExternally: true)
    #expect(finding.verdict == verdict, "\(finding.what)")
  }

  @Test("the first mapping that fits decides")
  func mappingOrder() {
    let exact = "\"^gidNumber=110[+]uidNumber=105,cn=peercred,cn=external,cn=auth$\" \"cn=d,dc=x\""
    func verdict(_ values: [String]) -> Finding.Verdict {
      IdentityMapping.finding(values, daemon: "cn=d,dc=x", uid: 105, gid: 110, bindsExternally: true).verdict
    }
    #expect(verdict(["\"cn=peercred\" \"cn=other\"", exact]) == .bad)
    #expect(verdict([exact, "\"cn=peercred\" \"cn=other\""]) == .good)
    #expect(verdict([exact, "\"cn=peercred\" \"cn=d,dc=x\""]) == .bad)
  }

  @Test("indexes by several attributes, kinds, and a default")
  func indexes() {
    func verdict(_ values: [String]) -> Finding.Verdict {
      let entry = LDIFEntry(dn: "olcDatabase={1}mdb,cn=config", ["olcDbIndex": values])
      return Indexes.finding(.init(entry: entry), logins: ["mail", "employeeNumber"]).verdict
    }
    let ours = [
      "objectClass,entryUUID,member,drawbridgeIdleSince,drawbridgeLockSet eq", "drawbridgeDeactivatedTime pres",
    ]
    #expect(verdict(ours + ["MAIL,uid,employeenumber pres,eq,sub"]) == .good)
    #expect(verdict(ours + ["default eq", "mail,uid,employeeNumber"]) == .good)
    #expect(verdict(ours + ["mail,uid eq"]) == .warning)
    #expect(verdict(ours + ["mail,uid,employeeNumber sub"]) == .warning)
  }

  @Test("the lists are those of schema/: indexes, and the attributes of the access rules")
  func lists() throws {
    let index = try Slapd.schema("index.conf").split(separator: "\n").filter { $0.hasPrefix("index ") }
    #expect(index.map { $0.dropFirst(6) } == Indexes.needed.map { "\($0.attribute) \($0.kind)" }.map { $0[...] })
    let rules = try Slapd.schema("access.conf").replacingOccurrences(of: "\n  by", with: " by")
      .split(separator: "\n").filter { $0.hasPrefix("access to ") }
      .map { AccessRule(String($0.dropFirst(7))) }
    func isRule(_ attributes: [String]) -> Bool {
      rules.contains { $0.attributes == Set(attributes.map { $0.lowercased() }) }
    }
    #expect(isRule(AccessAsSeen.hash) && isRule(AccessAsSeen.secrets) && isRule(AccessAsSeen.state))
    #expect(rules.allSatisfy { $0.isOurs || $0.passesOn })
  }

  @Test("every check that the sources name is written down in docs/doctor.md")
  func book() throws {
    let book = try String(contentsOfFile: "\(repository)/docs/doctor.md", encoding: .utf8)
    let name =
      #/"((?:access|accounts|directory|files|keys|logs|mail|passwords|ppolicy|replication|settings|slapd)\.[a-z-]+)"/#
    var checks: Set<String> = []
    for folder in ["Sources/drawbridge/Doctor", "Sources/SignInServer/Administration"] {
      for file in try FileManager.default.contentsOfDirectory(atPath: "\(repository)/\(folder)") {
        let text = try String(contentsOfFile: "\(repository)/\(folder)/\(file)", encoding: .utf8)
        checks.formUnion(text.matches(of: name).map { String($0.1) })
      }
    }
    #expect(checks.count > 40)
    for check in checks.sorted() { #expect(book.contains("`\(check)`"), "\(check)") }
  }

  @Test("the exit status is that of the worst finding; unknown is never good")
  func exitStatus() {
    func status(_ verdicts: Finding.Verdict...) -> Int32 {
      Report(findings: verdicts.map { Finding("a.b", $0, "x") }).exitCode.rawValue
    }
    #expect(status(.good, .note) == 0 && status(.good, .unknown) == 1 && status(.note, .warning) == 1)
    #expect(status(.unknown, .bad, .warning) == 2)
  }

  @Test("files that others write, in a folder that is closed; sockets are no configuration")
  func folder() {
    func verdict(_ files: [ConfigurationFolder.File]) -> Finding.Verdict {
      let folder = ConfigurationFolder.File(path: "/etc/d", mode: 0o755, uid: 0, isRegular: false)
      return ConfigurationFolder.finding(.success([folder] + files), daemon: 105).verdict
    }
    #expect(verdict([.init(path: "/etc/d/keys", mode: 0o400, uid: 105)]) == .good)
    #expect(verdict([.init(path: "/etc/d/s.sock", mode: 0o666, uid: 105, isRegular: false)]) == .good)
    #expect(verdict([.init(path: "/etc/d/c", mode: 0o664, uid: 0)]) == .bad)
    #expect(verdict([.init(path: "/etc/d/c", mode: 0o644, uid: 1000)]) == .bad)
    #expect(ConfigurationFolder.finding(ConfigurationFolder.look(at: "/nonexistent"), daemon: 0).verdict == .unknown)
  }
}
