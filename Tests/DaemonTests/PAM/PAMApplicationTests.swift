import Fixtures
import Foundation
import Testing

/// The stacks of `docs/pam.md`, under the programs that people use.
@Suite("PAM: sshd, su, sudo, login, passwd", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMApplicationTests {
  private static let service = """
    [[service]]
    name = "sshd"
    group = "cn=shell,ou=groups,\(Slapd.suffix)"
    """

  private static func with(_ body: (House, PAMHost, Person) async throws -> Void) async throws {
    try await PAMSignInTests.with(users: ["gone", "other"], settings: service) { house, host, person in
      let people = [person] + (try house.people("gone", "other"))
      let members = people.prefix(2).map { "member: \($0.dn)\n" }.joined()
      try house.slapd.add("dn: cn=shell,ou=groups,\(Slapd.suffix)\nobjectClass: groupOfNames\ncn: shell\n\(members)\n")
      #expect(try house.daemon.adminClient().send("DEACTIVATE \(people[1].mail)").hasPrefix("OK deactivated"))
      try install(host)
      try await body(house, host, person)
    }
  }

  /// Puts each block of the documentation where its first line says.
  private static func install(_ host: PAMHost) throws {
    let text = try String(contentsOfFile: "\(repository)/docs/pam.md", encoding: .utf8)
    var blocks = 0
    for block in text.components(separatedBy: "```\n") where block.contains("before \"@include ") {
      let lines = block.split(separator: "\n").map(String.init)
      guard let first = lines.first, first.hasPrefix("# "), let colon = first.firstIndex(of: ":") else { continue }
      let include = first.components(separatedBy: "\"")[1]
      let names = first.dropFirst(2).prefix(upTo: colon).components(separatedBy: ", ")
      let stack = lines.dropFirst().joined(separator: "\n").replacingOccurrences(
        of: "pam_drawbridge.so", with: host.module())
      for name in names {
        let file = "\(host.folder)/pam.d/\(name)"
        let before = try String(contentsOfFile: file, encoding: .utf8)
        try #require(before.contains("\n\(include)"), "\(name) has no \(include)")
        try host.write("pam.d/\(name)", before.replacingOccurrences(of: "\n\(include)", with: "\n\(stack)\n\(include)"))
      }
      blocks += 1
    }
    try #require(blocks == 4)
  }

  private static func terminal(_ host: PAMHost, as uid: UInt32? = nil, _ command: [String]) throws -> Terminal {
    let user = uid.map { ["setpriv", "--reuid", "\($0)", "--regid", "100", "--clear-groups"] } ?? []
    return try Terminal(host.inside(user + command))
  }

  private static func signIn(_ terminal: Terminal, _ person: Person, _ house: House) throws {
    try terminal.expect("assword")
    try terminal.waitForEcho(false)
    try terminal.type(person.password)
    try terminal.expect("authenticator app. ")
    try terminal.type(try person.code(at: house.daemon.time))
  }

  // MARK: su, sudo, login, passwd

  @Test("su becomes a user of the directory, and root by the host's own password while there is no daemon")
  func su() async throws {
    try await Self.with { house, host, person in
      let terminal = try Self.terminal(host, as: 65534, ["su", person.uid, "-c", "id -un"])
      try Self.signIn(terminal, person, house)
      try terminal.expect("jdoe")
      #expect(try terminal.end() == 0)

      let refused = try Self.terminal(host, as: 65534, ["su", "gone", "-c", "id -un"])
      try refused.expect("Password: ")
      try refused.type(person.password)
      try refused.expect("Your account has been deactivated. Contact your organisation's Administrator")
      #expect(try refused.end() == 1)

      let hash = try Command.run("openssl", ["passwd", "-6", "Local-Passw0rd"]).output.trimmingCharacters(
        in: .whitespacesAndNewlines)
      try host.write("shadow", "root:\(hash):20000:0:99999:7:::\n")
      #expect(chmod("\(host.folder)/shadow", 0o600) == 0)
      try house.daemon.terminate()
      let root = try Self.terminal(host, as: 65534, ["su", "root", "-c", "id -u; echo $((40+2))"])
      try root.expect("Password: ")
      try root.waitForEcho(false)
      try root.type("Local-Passw0rd")
      try root.expect("42")
      #expect(try root.end() == 0)
      let nobody = try Self.terminal(host, as: 65534, ["su", person.uid, "-c", "id -un"])
      try nobody.expect("su: ")
      #expect(try nobody.end() == 1)
    }
  }

  @Test("sudo asks who calls it")
  func sudo() async throws {
    try await Self.with { house, host, person in
      try host.write("sudoers", "Defaults passwd_tries=1\njdoe ALL=(ALL) ALL\n")
      #expect(chmod("\(host.folder)/sudoers", 0o440) == 0)
      let terminal = try Self.terminal(host, as: 20_001, ["sudo", "-k", "sh", "-c", "echo uid=$(id -u)."])
      try Self.signIn(terminal, person, house)
      try terminal.expect("uid=0.")
      #expect(try terminal.end() == 0)
      let refused = try Self.terminal(host, as: 20_001, ["sudo", "-k", "id", "-u"])
      try refused.expect("[sudo] password for jdoe: ")
      try refused.type("wrong")
      for _ in 0..<4 {
        try refused.expect("Wrong password. Password: ")
        try refused.type("wrong")
      }
      try refused.expect("1 incorrect password attempt")
      #expect(try refused.end() == 1)
    }
  }

  @Test("login opens a shell, and tells the daemon from where")
  func login() async throws {
    try await Self.with { house, host, person in
      let terminal = try Self.terminal(host, ["login", "-h", "203.0.113.9"])
      try terminal.expect("login: ")
      try terminal.type(person.uid)
      try Self.signIn(terminal, person, house)
      try terminal.expect("$ ")
      try terminal.type("echo $((40+2)); exit")
      try terminal.expect("42")
      #expect(try terminal.end() == 0)
      let event = house.daemon.log.split(separator: "\n").first { $0.contains("flow=signin") } ?? ""
      #expect(event.contains("from=203.0.113.9") && event.contains("service=login"), "\(event)")
    }
  }

  @Test("passwd changes the password in the directory")
  func passwd() async throws {
    try await Self.with { house, host, person in
      let before = try house.slapd.entry(person)["userpassword"]
      let terminal = try Self.terminal(host, as: 20_001, ["passwd"])
      try Self.signIn(terminal, person, house)
      for question in ["New Password", "Confirm New Password"] {
        try terminal.expect(question)
        try terminal.type("N3w-Password")
      }
      try terminal.expect("Your password has been changed.")
      #expect(try terminal.end() == 0)
      #expect(try house.slapd.entry(person)["userpassword"] != before)
    }
  }

  // MARK: sshd

  private static func withServer(
    _ body: (House, PAMHost, Person, _ ssh: ([String], String) throws -> Terminal) async throws -> Void
  ) async throws {
    try await Self.with { house, host, person in
      let folder = host.folder
      for key in ["hostkey", "userkey"] {
        let made = try Command.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(key)"])
        try #require(made.status == 0, "\(made.errors)")
      }
      for user in ["jdoe", "gone", "other"] {
        try FileManager.default.copyItem(atPath: "\(folder)/userkey.pub", toPath: "\(folder)/\(user).keys")
      }
      let port = try freePort()
      try host.write(
        "sshd_config",
        """
        Port \(port)
        ListenAddress 127.0.0.1
        HostKey \(folder)/hostkey
        AuthorizedKeysFile \(folder)/%u.keys
        StrictModes no
        UsePAM yes
        KbdInteractiveAuthentication yes
        PasswordAuthentication no
        PidFile none

        """)
      // Where systemd makes it on other hosts.
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
      let server = try Child(
        host.inside(["/usr/sbin/sshd", "-D", "-e", "-f", "\(folder)/sshd_config"]), in: folder, log: "\(folder)/log")
      defer { server.end() }
      try Fixtures.await("sshd") {
        (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8))?.contains("Server listening") == true
          ? true : nil
      }
      let options = [
        "-F", "none", "-p", "\(port)", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
        "-o", "NumberOfPasswordPrompts=1", "-o", "IdentitiesOnly=yes",
      ]
      try await body(house, host, person) { more, user in
        try Terminal(["ssh"] + options + more + ["\(user)@127.0.0.1", "id -un; echo $((40+2))"])
      }
    }
  }

  private static let questions = ["-o", "PreferredAuthentications=keyboard-interactive"]

  @Test("sshd asks the daemon's questions")
  func sshd() async throws {
    try await Self.withServer { house, host, person, ssh in
      let terminal = try ssh(Self.questions, person.uid)
      try terminal.expect("Password: ")
      try terminal.type("wrong")
      try terminal.expect("Wrong password. Password: ")
      try terminal.type(person.password)
      try terminal.expect("authenticator app. ")
      try terminal.type(try person.code(at: house.daemon.time))
      try terminal.expect("jdoe")
      try terminal.expect("42")
      #expect(try terminal.end() == 0)
      let event = house.daemon.log.split(separator: "\n").first { $0.contains("flow=signin") } ?? ""
      #expect(event.contains("from=127.0.0.1") && event.contains("service=sshd"), "\(event)")

      let gone = try ssh(Self.questions, "gone")
      try gone.expect("Password: ")
      try gone.type(person.password)
      try gone.expect("Your account has been deactivated. Contact your organisation's Administrator to reactivate it.")
      try gone.expect("Permission denied")
      #expect(try gone.end() == 255)

      // Whom no host knows, sshd answers for with bytes that end lines: each counts as a wrong password.
      let stranger = try ssh(Self.questions, "stranger")
      try stranger.expect("Password: ")
      for _ in 0..<4 {
        try stranger.type("Some-Passw0rd-of-mine")
        try stranger.expect("Wrong password. Password: ")
      }
      try stranger.type("x")
      try stranger.expect("Permission denied")
      #expect(try stranger.end() == 255)
    }
  }

  @Test("sshd lets a key in while the account is active and its service for the user")
  func keys() async throws {
    try await Self.withServer { house, host, person, ssh in
      let key = ["-i", "\(host.folder)/userkey", "-o", "BatchMode=yes"]
      let active = try ssh(key, person.uid)
      try active.expect("42")
      #expect(try active.end() == 0)
      let gone = try ssh(key, "gone")
      try gone.expect("Your account has been deactivated. Contact your organisation's Administrator to reactivate it.")
      #expect(try gone.end() == 255)
      // Not in the group of the service.
      let other = try ssh(key, "other")
      #expect(try other.end() == 255)
      #expect(house.daemon.log.contains("result=not-a-member"))
      try house.daemon.terminate()
      #expect(try ssh(key, person.uid).end() == 255)
    }
  }
}
