import Fixtures
import Foundation
import Testing

@Suite("drawbridge setup", .serialized) struct SetupTests {
  @Test("gives a slapd that has nothing of it all that a first login, a sign-in and the doctor ask for")
  func fromNothing() async throws {
    try await SetupHouse.with { house in
      let run = try house.setup()
      #expect(run.status == 0, "\(run.output)\(run.errors)")
      #expect(!run.output.contains("systemctl restart slapd"))
      #expect(run.output.contains("Next: systemctl enable --now drawbridged.socket"))
      let mode = try FileManager.default.attributesOfItem(atPath: house.config)[.posixPermissions] as? Int
      #expect(mode == 0o640)
      try await house.withDaemon {
        let admin = try LineClient("\(house.sockets)/admin.sock")
        let invited = try admin.send("INVITE jdoe@example.org uid=jdoe cn=John sn=Doe")
        #expect(invited.hasPrefix("OK"), "\(invited)\n\(house.log)")
        let client = try LineClient("\(house.sockets)/signin.sock")
        #expect(try client.send("FIRST jdoe@example.org").hasPrefix("ASK code"))
        var reply = ""
        for line in [
          "CODE \(try house.mail.code(to: "jdoe@example.org"))", "NEW-PASSWORD Str0ng-Enough",
          "CONFIRM-PASSWORD Str0ng-Enough",
        ] { reply = try client.send(line) }
        let secret = try #require(reply.split(separator: " ").first { $0.hasPrefix("secret=") }, "\(reply)")
        let code = try totp(secret: String(secret.dropFirst(7)), at: Int(Date().timeIntervalSince1970))
        let enrolled = try client.send("ENROL \(code)")
        #expect(enrolled.hasPrefix("OK signed-in"), "\(enrolled)\n\(house.log)")
        // slapd itself compares the hash.
        let bind = ["-D", Slapd.dn("jdoe"), "-w", "Str0ng-Enough"]
        #expect(try house.shown(bind).status == 0)
        // The group's only member has no entry of its own here: the doctor still asks what the rules give it.
        let again = try house.setup()
        #expect(again.status == 0, "\(again.output)\(again.errors)")
        #expect(again.output.contains("slapd has all that Drawbridge needs."))
        #expect(again.output.contains("good     access.daemon") && again.output.contains(" 0 bad, 0 unknown."))
      }
    }
  }

  @Test("adds nothing where nothing is missing, and leaves the daemon's files as they are")
  func twice() async throws {
    try await SetupHouse.with { house in
      #expect(try house.setup().status == 0)
      let settings = try house.settings()
      let keys = try Data(contentsOf: URL(fileURLWithPath: "\(house.folder)/etc/keys"))
      let mine = try String(contentsOfFile: house.config, encoding: .utf8) + "# mine\n"
      try mine.write(toFile: house.config, atomically: false, encoding: .utf8)
      let again = try house.setup([])
      #expect(again.status == 0 && again.output.hasPrefix("slapd has all"), "\(again.output)\(again.errors)")
      #expect(try house.settings() == settings)
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(house.folder)/etc/keys")) == keys)
      #expect(try String(contentsOfFile: house.config, encoding: .utf8) == mine)
    }
  }

  @Test("adds what is missing alone, in its place among the rules that are there")
  func partly() async throws {
    try await SetupHouse.with { house in
      #expect(try house.setup().status == 0)
      let whole = try house.settings()
      try house.configure(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcAccess\nolcAccess: {3}\n-\n"
          + "delete: olcDbIndex\nolcDbIndex: mail eq")
      let again = try house.setup()
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.output.components(separatedBy: "\nloaded ").count == 3, "\(again.output)")
      func rules(_ text: String) -> [Substring] { text.split(separator: "\n").filter { $0.hasPrefix("olcAccess") } }
      #expect(try rules(house.settings()) == rules(whole))
    }
  }

  @Test("takes the rights away that a run which was killed has left to root")
  func leftRights() async throws {
    try await SetupHouse.with { house in
      #expect(try house.setup().status == 0)
      let settings = try house.settings()
      let me = "gidNumber=\(getegid())+uidNumber=\(geteuid()),cn=peercred,cn=external,cn=auth"
      let rights = ["to dn.base=\"\(Slapd.suffix)\" attrs=entry,children", "to dn.base=\"\(Slapd.people)\""]
      try house.configure(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\n"
          + rights.enumerated().map { "olcAccess: {\($0.offset)}\($0.element) by dn.exact=\"\(me)\" write by * break" }
          .joined(separator: "\n"))
      let shown = try house.setup(["--dry-run"])
      #expect(shown.errors.contains("cut short") && !shown.output.contains("olcAccess"), "\(shown)")
      #expect(try house.settings() != settings)
      #expect(try house.setup().status == 0)
      #expect(try house.settings() == settings)
    }
  }

  @Test("says what copies of the database lose by its rules")
  func copies() async throws {
    let options = SetupHouse.options {
      $0.extraGlobalLines = ["moduleload syncprov"]
      $0.extraDatabaseLines = ["overlay syncprov"]
    }
    try await SetupHouse.with(options) { house in
      let shown = try house.setup(["--dry-run"])
      #expect(shown.errors.contains("(syncprov)"), "\(shown.errors)")
    }
    try await SetupHouse.with { house in
      let shown = try house.setup(["--dry-run"])
      #expect(!shown.errors.contains("(syncprov)"), "\(shown.errors)")
    }
  }

  @Test("with --dry-run, or without a yes, changes nothing and writes nothing")
  func nothing() async throws {
    try await SetupHouse.with { house in
      let before = try house.settings()
      let dry = try house.setup(["--dry-run"])
      #expect(dry.status == 0 && dry.output.contains("add: olcAuthzRegexp") && dry.output.contains("  by * none"))
      #expect(try house.setup([]).status == 64)
      #expect(try house.settings() == before)
      #expect(!FileManager.default.fileExists(atPath: "\(house.folder)/etc"))
    }
  }

  @Test("leaves everybody the rights that they had in what is no account")
  func rights() async throws {
    try await SetupHouse.with { house in
      try house.slapd.add(
        """
        dn: uid=old,\(Slapd.people)
        objectClass: inetOrgPerson
        uid: old
        cn: old
        sn: old
        mail: old@example.org
        userPassword: old-secret

        """)
      let bind = ["-D", "uid=old,\(Slapd.people)", "-w", "old-secret"]
      let (anonymous, user) = (try house.shown(), try house.shown(bind))
      #expect(user.output.contains("mail: old@example.org"))
      #expect(try house.setup().status == 0)
      #expect(try house.shown() == anonymous)
      #expect(try house.shown(bind) == user)
    }
  }

  @Test("says that slapd has to be started anew, where it had other limits before")
  func limits() async throws {
    try await SetupHouse.with { house in
      try house.configure(
        "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcLimits\nolcLimits: users size=2")
      let run = try house.setup()
      #expect(run.status == 0 && run.output.contains("systemctl restart slapd"), "\(run.output)")
      let list = OtherUser.command + ["ldapsearch", "-Q", "-Y", "EXTERNAL", "-H", house.slapd.uri, "-LLL", "-b"]
      func search() throws -> Int32 { try Command.run(list[0], list.dropFirst() + [Slapd.suffix, "1.1"]).status }
      try house.slapd.kill()
      try house.slapd.start()
      #expect(try search() == 0)
    }
  }

  @Test("says what slapd does without any rule, where its own are the first ones")
  func firstRules() async throws {
    try await SetupHouse.with { house in
      try house.configure("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcAccess")
      let before = try house.shown()
      #expect(before.output.contains("o: Example"))
      #expect(try house.setup().status == 0)
      #expect(try house.shown() == before)
      #expect(try house.setup(["--take-back", "--yes"]).status == 0)
      #expect(try !house.settings().contains("dn.subtree"))
      #expect(try house.shown() == before)
    }
  }
}
