import Fixtures
import Foundation
import Secrets
import Testing

@Suite("Importing people by the command line") struct ImportCommandTests {
  private static let password = "Str0ng-Enough"

  /// By slapd's own tool, which nobody here wrote.
  private static func hash(_ arguments: String...) throws -> String {
    let made = try Command.run("/usr/sbin/slappasswd", ["-n", "-s", password] + arguments)
    guard made.status == 0 else { throw FixtureError("slappasswd: \(made.errors)") }
    return made.output
  }

  private static func hashes() throws -> [(uid: String, hash: String)] {
    [
      ("salted", try hash("-h", "{SSHA}")), ("crypted", try hash("-h", "{CRYPT}", "-c", "$6$%.8s")),
      ("short", try hash("-h", "{CRYPT}", "-c", "$1$%.8s")),
    ]
  }

  /// Password, mailed code, a new authenticator: what the owner of an imported hash does.
  private func walkIn(_ house: House, _ mail: String) throws {
    let client = try house.daemon.client()
    #expect(try client.send("SIGNIN \(mail)").hasPrefix("ASK password"))
    #expect(try client.send("PASSWORD \(Self.password)").hasPrefix("ASK code"))
    let enrol = try client.send("CODE \(try house.mail.code(to: mail))")
    let secret = try #require(enrol.split(separator: " ").first { $0.hasPrefix("secret=") }?.dropFirst(7))
    let code = try totp(secret: String(secret), at: house.daemon.time)
    #expect(try client.send("ENROL \(code)").hasPrefix("OK signed-in"))
  }

  @Test("LDIF: whoever had a hash signs in with the password, proves the mailbox and enrols")
  func ldif() async throws {
    try await House.with { house in
      let hashes = try Self.hashes()
      let records = hashes.map { uid, hash in
        """
        # from the old house
        dn: uid=\(uid),ou=old,dc=example,
         dc=com
        objectClass: inetOrgPerson
        uid: \(uid)
        cn:: \(Data("\(uid) Müller".utf8).base64EncodedString())
        sn: Doe
        mail: \(uid)@exam
         ple.org
        userPassword:: \(Data(hash.utf8).base64EncodedString())

        """
      }
      let folder = "version: 1\n\ndn: ou=old,dc=example,dc=com\nobjectClass: organizationalUnit\nou: old\n\n"
      let input = (folder + records.joined(separator: "\n"))
      let dry = try house.drawbridge("user", "import", "--ldif", "-", "--dry-run", input: input)
      #expect(dry.status == 0, "\(dry.errors)")
      #expect(dry.output.contains("would-be-created  3"))
      #expect(try house.slapd.search("(objectClass=drawbridgeAccount)").isEmpty)

      let done = try house.drawbridge(
        "user", "import", "--ldif", "-", input: input.replacingOccurrences(of: "\n", with: "\r\n"))
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.contains("created  3") && done.output.contains("nobody   1"))
      #expect(try house.slapd.entry(Slapd.dn("salted"))?.string("cn") == "salted Müller")
      for (uid, _) in hashes { try walkIn(house, "\(uid)@example.org") }
      #expect(house.mail.messages().allSatisfy { !$0.contains("invite") })
      #expect(house.audit("import").map { $0.contains("result=dry-run") } == [true, true, true, false, false, false])
    }
  }

  @Test("CSV of 1,000 rows: again changes nothing; what is refused or unreadable is told with its line")
  func csv() async throws {
    try await House.with { house in
      let hash = try Self.hash("-h", "{SSHA}")
      try house.slapd.add(
        Slapd.account("u7", ["userPassword: {SSHA}b2xkIGhhc2g=b2xk"]).replacingOccurrences(
          of: "objectClass: drawbridgeAccount\n", with: ""))
      var rows = ["\u{FEFF}login,uid,CN,sn,hash"]
      for number in 0..<1_000 {
        rows.append("u\(number)@example.org,u\(number),\"Doe, \"\"U\"\" \(number)\",Doe,\(hash)")
      }
      let file = "\(house.daemon.directory)/people.csv"
      try rows.joined(separator: "\r\n").write(toFile: file, atomically: true, encoding: .utf8)
      let done = try house.drawbridge("user", "import", "--csv", file)
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.contains("adopted        1") && done.output.contains("created        999"), "\(done.output)")
      #expect(done.output.contains("unusable-hash  1") && done.errors.contains("line 9: u7@example.org"))
      #expect(done.errors.split(separator: "\n").count == 1, "progress belongs on terminals alone")
      #expect(try house.slapd.search("(objectClass=drawbridgeAccount)").count == 1_000)
      #expect(try house.slapd.entry(Slapd.dn("u42"))?.string("cn") == "Doe, \"U\" 42")
      #expect(house.audit("import").count == 1_000)

      let again = try house.drawbridge("user", "import", "--csv", file, "--json")
      #expect(again.status == 0)
      let objects = try Drawbridge.objects(again.output)
      #expect(objects.count == 1_001)
      let summary = try #require(objects.last?["fields"] as? [String: Any])
      #expect(summary["unchanged"] as? String == "1000")
      try walkIn(house, "u500@example.org")
    }
  }

  @Test("exit codes tell a refusal, an unreadable row, and no input apart; the other rows are done")
  func exitCodes() async throws {
    try await House.with { house in
      let hash = try Self.hash("-h", "{SSHA}")
      func csv(_ text: String) throws -> Command.Result {
        try house.drawbridge("user", "import", "--csv", "-", input: text)
      }
      let refused = try csv("mail,hash\na@example.org,\(hash)\nb@example.org,{MD5}x\nc@example.org,cleartext-pass\n")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("line 3: b@example.org: ") && refused.errors.contains("{MD5}"))
      #expect(refused.errors.contains("line 4: c@example.org: ") && !refused.errors.contains("cleartext-pass"))
      let unreadable = try csv("mail,uid\nd@example.org\n\"e\"x,e\n,\n\"f@example.org\",f\n\"g\n")
      #expect(unreadable.status == 65)
      for line in [2, 3, 4, 6] {
        #expect(unreadable.errors.contains("line \(line): "), "\(line): \(unreadable.errors)")
      }
      #expect(!unreadable.errors.contains("line 5: "))
      #expect(try house.slapd.entry(Slapd.dn("f")) != nil)
      #expect(try csv("mail,shoe\na@example.org,42\n").status == 65)
      #expect(try csv("").status == 65)
      #expect(try csv("mail,mail\n").status == 65)
      #expect(try house.drawbridge("user", "import", "--csv", "\(house.daemon.directory)/none").status == 66)
      #expect(try house.drawbridge("user", "import").status == 64)
      #expect(try house.drawbridge("user", "import", "--csv", "-", "--ldif", "-").status == 64)
      let long = String(repeating: "x", count: 5_000)
      #expect(try csv("mail,cn\nh@example.org,\(long)\ni@example.org,I\n").status == 65)
      #expect(try house.slapd.entry(Slapd.dn("i")) != nil)
    }
  }

  @Test("a filter adopts entries of the directory itself, more than a page of them")
  func filter() async throws {
    try await House.with { house in
      try house.slapd.add(
        (0..<600).map {
          Slapd.account("u\($0)", ["employeeType: \($0 % 2)"]).replacingOccurrences(
            of: "objectClass: drawbridgeAccount\n", with: "")
        }.joined())
      let filter = "(&(objectClass=inetOrgPerson)(uid=u*)(!(uid=u0)))"
      let dry = try house.drawbridge("user", "import", "--filter", filter, "--dry-run")
      #expect(dry.status == 0 && dry.output.contains("would-be-adopted  599"), "\(dry.output)\(dry.errors)")
      let done = try house.drawbridge("user", "import", "--filter", filter)
      #expect(done.status == 0 && done.output.contains("adopted           599"), "\(done.output)\(done.errors)")
      #expect(try house.slapd.search("(objectClass=drawbridgeAccount)").count == 599)
      #expect(house.audit("adopt").filter { $0.contains("result=adopted") && !$0.contains("id=-") }.count == 599)
      #expect(try house.drawbridge("user", "import", "--filter", "(uid=u0").status == 64)
      #expect(try house.drawbridge("user", "import", "--filter", "(userPassword=*)").status == 64)
    }
  }

  @Test("how far it is shows on a terminal")
  func progress() async throws {
    try await House.with { house in
      let file = "\(house.daemon.directory)/people.csv"
      try "mail\na@example.org\nb@example.org\n".write(toFile: file, atomically: true, encoding: .utf8)
      let command = try "\(Daemon.binary("drawbridge")) user import --csv \(file) --socket \(house.daemon.admin)"
      let shown = try Command.run("script", ["-qec", command, "/dev/null"])
      #expect(shown.status == 0)
      #expect(shown.output.contains("1 accounts, "), "\(shown.output)")
      #expect(shown.output.contains("created           2"), "\(shown.output)")
    }
  }
}
