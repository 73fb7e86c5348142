import Fixtures
import Foundation
import Testing

/// PM-11: the directory can claim neither a name nor a uid of the host; PM-02: nor one user another's name.
@Suite("PAM: users of the host", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMUsersTests {
  @Test("are none of the module's, whatever the directory says")
  func hostUsers() async throws {
    try await PAMSignInTests.with { house, host, _ in
      try host.addUser("low", uid: 999)
      try host.addUser("twin", uid: Int(try #require(getpwnam("nobody")).pointee.pw_uid))
      for name in ["root", "nobody", "daemon", "low", "twin"] {
        let person = try house.people(name)[0]
        let right = ["text \(person.password)", "text \(try person.code(at: house.daemon.time))"]
        for call in ["authenticate", "account", "change"] {
          let said = try host.converse(name, right, calls: [call])
          #expect(said.code(call) == PAMCode.unknownUser, "\(name) \(said.lines)")
          #expect(!said.lines.contains { $0.hasPrefix("hidden") || $0.hasPrefix("shown") })
        }
      }
      #expect(!house.daemon.log.contains("flow="), "the daemon was asked")
    }
  }

  @Test("keep their names, whichever name service is asked first")
  func shadowed() async throws {
    try await PAMSignInTests.with { house, host, _ in
      try host.write("nsswitch.conf", "passwd: extrausers files\ngroup: files\nshadow: files\nhosts: files\n")
      try host.addUser("games", uid: 20_100)
      let person = try house.people("games")[0]
      let right = ["text \(person.password)", "text \(try person.code(at: house.daemon.time))"]
      #expect(try host.run(["id", "-u", "games"]).output == "20100\n")
      #expect(try host.converse("games", right).code() == PAMCode.unknownUser)
    }
  }

  @Test("are left alone with a minimum_uid, too: what it lifts is the lower bound of other users' uids")
  func minimum() async throws {
    try await PAMSignInTests.with { house, host, _ in
      try host.addUser("low", uid: 999)
      let people = try house.people("low", "root", "mailonly")
      func code(_ name: String, _ person: Person) throws -> Int? {
        try host.converse(
          name, ["text \(person.password)", "text \(try person.code(at: house.daemon.time))"]
        ).code()
      }
      try host.alone("minimum_uid=1001")
      #expect(try code("low", people[0]) == PAMCode.unknownUser)
      try host.alone("minimum_uid=0")
      #expect(try code("root", people[1]) == PAMCode.unknownUser)
      #expect(try code("low", people[0]) == PAMCode.success)
      // No name service knows an address; a mail server's users need no uid.
      #expect(try code(people[2].mail, people[2]) == PAMCode.success)
    }
  }

  @Test("of no name service walk as everybody does, and come in by no right answer")
  func strangers() async throws {
    try await PAMSignInTests.with { house, host, person in
      let unknown = try house.people("unknown")[0]
      let right = ["text \(unknown.password)", "text \(try unknown.code(at: house.daemon.time))"]
      let said = try host.converse(unknown.uid, right)
      #expect(said.code() == PAMCode.authenticationError)
      #expect(said.lines.count { $0.hasPrefix("hidden") || $0.hasPrefix("shown") } == 2, "\(said.lines)")
      #expect(try host.converse(unknown.uid, [], calls: ["account"]).code("account") == PAMCode.authenticationError)
    }
  }

  @Test("are called by their exact name: another spelling is another user")
  func spelling() async throws {
    let spellings = ["JDOE", "jdoe@example.org", "JDoe@example.org"]
    try await PAMSignInTests.with(users: spellings) { house, host, person throws in
      func code(_ name: String) throws -> Int? {
        let code = try person.code(at: house.daemon.time)
        let said = try host.converse(name, ["text \(person.password)", "text \(code)"])
        try house.daemon.moveClock(by: 30)
        return said.code()
      }
      #expect(try code("JDOE") == PAMCode.authenticationError)
      #expect(try code("JDoe@example.org") == PAMCode.authenticationError)
      #expect(try code("jdoe@example.org") == PAMCode.success)
    }
  }

  @Test("sign in though an option is wrong, which refuses all others")
  func wrongOption() async throws {
    for option in [
      "no_enroll", "minimum_uid=-1", "minimum_uid=", "minimum_uid=4294967295", "timeout=0", "timeout=301", "timeout=1s",
      "service=", "socket=relative", "daemon=", "NO_ENROL", "no_enrol=yes",
    ] {
      try await PAMSignInTests.with(option) { house, host, person in
        let right = ["text \(person.password)", "text \(try person.code(at: house.daemon.time))"]
        #expect(try host.converse(person.uid, right).code() == PAMCode.unavailable, "\(option)")
        #expect(try host.converse("root", right).code() == PAMCode.unknownUser, "\(option)")
      }
    }
  }
}
