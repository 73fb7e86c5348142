import Configuration
import Directory
import Mail
import SignIn
import Testing
import Wire

@testable import SignInServer

@Suite("What the daemon finds by facts") struct CheckTests {
  private let now = Timestamp(seconds: 1_800_000_000)

  private func healthy() -> ServerFacts {
    var facts = ServerFacts(uri: "ldaps://a", transport: .tls, identity: "cn=drawbridged,dc=x")
    facts.controls = [ServerFacts.assertionControl, ServerFacts.postReadControl]
    facts.knowsAccounts = true
    facts.knowsPasswordPolicy = true
    facts.sharedEntry = SharedFacts(schemaVersion: AccountDirectory.schemaVersion)
    facts.time = now
    facts.account = "uid=a,dc=x"
    return facts
  }

  private func findings(_ change: (inout ServerFacts) -> Void = { _ in }) -> [Finding] {
    var facts = healthy()
    change(&facts)
    return CheckDirectory.findings(of: facts, at: now)
  }

  private func verdict(_ check: String, _ change: (inout ServerFacts) -> Void) -> Finding.Verdict? {
    let findings = findings(change)
    #expect(findings.allSatisfy { $0.check == check || $0.verdict == .good }, "\(findings)")
    return findings.first { $0.check == check }?.verdict
  }

  @Test("each fact that is wrong is one finding, and no other is touched")
  func facts() {
    #expect(findings().allSatisfy { $0.verdict == .good })
    #expect(verdict("directory.transport") { $0.transport = .clear } == .warning)
    #expect(
      verdict("directory.identity") { $0.identity = "gidNumber=1+uidNumber=1,cn=peercred,cn=external,cn=auth" } == .bad)
    #expect(verdict("directory.controls") { $0.controls = [ServerFacts.postReadControl] } == .bad)
    #expect(verdict("directory.controls") { $0.controls = [ServerFacts.assertionControl] } == .warning)
    #expect(verdict("directory.schema") { $0.knowsAccounts = false } == .bad)
    #expect(verdict("directory.schema") { $0.unknownAttributes = ["drawbridgeCode"] } == .bad)
    #expect(verdict("directory.entries") { $0.hidden = ["ou=people,dc=x"] } == .bad)
    #expect(verdict("directory.schema-version") { $0.sharedEntry?.schemaVersion = "2" } == .bad)
    #expect(verdict("directory.schema-version") { $0.sharedEntry = nil } == .unknown)
    #expect(verdict("directory.rights") { $0.unsearchable = ["drawbridgeCode"] } == .bad)
    #expect(verdict("directory.rights") { $0.account = nil } == .unknown)
    #expect(verdict("directory.names") { $0.unseenNames = ["o"] } == .bad)
    #expect(verdict("directory.ppolicy") { $0.knowsPasswordPolicy = false } == .note)
  }

  @Test("clocks: by the server's own; else by the last sweep, unless somebody has written since; else by the host")
  func clocks() {
    func verdict(
      time: Int64? = nil, stamped: Int64? = nil, modified: Int64? = nil,
      transport: ServerFacts.Transport = .tls
    ) -> Finding.Verdict? {
      self.verdict("directory.clock") { facts in
        facts.time = time.map { now.adding(seconds: $0) }
        facts.sharedEntry?.stamped = stamped.map { now.adding(seconds: $0) }
        facts.sharedEntry?.modified = modified.map { now.adding(seconds: $0) }
        facts.transport = transport
      }
    }
    #expect(verdict(time: 10) == .good && verdict(time: -11) == .warning && verdict(time: 90_000) == .bad)
    #expect(verdict(stamped: -100, modified: -95) == .good)
    #expect(verdict(stamped: -100, modified: -200) == .warning)
    #expect(verdict(stamped: -100, modified: -50) == .unknown)
    #expect(verdict(stamped: -100, modified: -50, transport: .local) == .good)
    #expect(verdict() == .unknown && verdict(transport: .local) == .good)
  }

  @Test("several servers are told apart, and one that is down is one finding")
  func several() {
    let seen: [(uri: String, facts: Result<ServerFacts, DirectoryError>)] = [
      ("ldaps://a", .success(healthy())), ("ldaps://b", .failure(.unavailable("ldaps://b: refused"))),
    ]
    let findings = CheckDirectory.findings(of: seen, at: now)
    #expect(findings.count { $0.verdict != .good } == 1)
    #expect(findings.last?.what.hasPrefix("ldaps://b: ") == true)
    #expect(findings.allSatisfy { $0.what.hasPrefix("ldaps://") })
  }

  @Test(
    "groups: each that cannot be used is named once, with its setting; a directory that is down says nothing of them")
  func groups() throws {
    let text = """
      directory.base = "dc=x"
      mail.server = "off"
      inactivity.exempt-group = "cn=a,dc=x"
      [[organisation]]
      name = "north"
      subtree = "ou=north,dc=x"
      administrators = "cn=b,dc=x"
      [[service]]
      name = "portal"
      group = "cn=a,dc=x"
      """
    var groups = CheckGroups.named(in: try Configuration.parse(text, file: "d.toml", environment: [:]))
    #expect(groups.map(\.dn) == ["cn=a,dc=x", "cn=b,dc=x"])
    #expect(groups.map(\.setting) == ["inactivity.exempt-group", "organisation.administrators of north"])
    #expect(CheckGroups.findings(of: groups).map(\.verdict) == [.good] && CheckGroups.findings(of: []).isEmpty)
    groups[1].error = .unsuitable("cn=b,dc=x does not exist")
    #expect(CheckGroups.findings(of: groups).map(\.verdict) == [.bad])
    groups[0].error = .unavailable("down")
    #expect(CheckGroups.findings(of: groups).map(\.verdict) == [.unknown, .bad])
  }

  @Test("mail that is off is a warning")
  func mailIsOff() throws {
    let text = "directory.base = \"dc=x\"\nmail.server = \"off\"\n"
    let configuration = try Configuration.parse(text, file: "d.toml", environment: [:])
    #expect(CheckSettings.mail(configuration.mail, greeting: nil).verdict == .warning)
    #expect(CheckSettings.mail(configuration.mail, greeting: .success(())).verdict == .good)
  }

  @Test("files: who may read and write them, and what is not there")
  func files() {
    func verdict(_ kind: HouseFile.Kind, _ mode: UInt32?, uid: UInt32 = 105) -> Finding.Verdict? {
      let file = HouseFile(path: "/x", kind: kind, status: mode.map { .init(mode: $0, uid: uid) })
      return CheckFiles.findings(of: [file], uid: 105).first?.verdict
    }
    #expect(verdict(.keyRing, 0o400) == .good && verdict(.keyRing, 0o440) == .bad)
    #expect(verdict(.keyRing, 0o400, uid: 7) == .bad && verdict(.keyRing, nil) == .warning)
    #expect(verdict(.passwordFile, 0o640) == .good && verdict(.passwordFile, 0o644) == .bad)
    #expect(verdict(.configuration, 0o644) == .good && verdict(.configuration, 0o664) == .bad)
    #expect(verdict(.socket(mode: 0o660), 0o660) == .good && verdict(.socket(mode: 0o600), 0o620) == .bad)
    #expect(verdict(.folder, 0o755, uid: 0) == .good && verdict(.folder, 0o775) == .bad)
    // Nobody replaces another's file there.
    #expect(verdict(.folder, 0o1777, uid: 0) == .good)
  }

  @Test("a finding goes over the wire and comes back, and keeps within a line")
  func wire() {
    let finding = Finding("a.b", .bad, "what: \"x\"", why: "why", mend: "dn: cn=x\nchangetype: modify")
    #expect(Finding(finding.fields) == finding)
    #expect(Finding([Field("check", "a"), Field("result", "splendid"), Field("what", "x")]) == nil)
    for told in findings({ $0.unsearchable = ["drawbridgeCode"] }) {
      #expect(Item(told.fields).encode().count < LineLimit.lineMaxBytes)
    }
  }
}
