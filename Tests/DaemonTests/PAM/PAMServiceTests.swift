import Fixtures
import Foundation
import Testing

/// A service that has a group is for its members, by whatever they came.
@Suite("PAM: who may use which service", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMServiceTests {
  private static let group = "cn=shell,ou=groups,\(Slapd.suffix)"
  private static let settings = """
    [[service]]
    name = "drawbridge-test"
    group = "\(group)"
    """

  private static func with(_ body: (House, PAMHost, [Person]) async throws -> Void) async throws {
    try await PAMSignInTests.with(users: ["other"], settings: settings) { house, host, person in
      let other = try house.people("other")[0]
      try house.slapd.add("dn: \(group)\nobjectClass: groupOfNames\ncn: shell\nmember: \(person.dn)\n\n")
      try await body(house, host, [person, other])
    }
  }

  @Test("members of its group alone")
  func members() async throws {
    try await Self.with { house, host, people in
      for (person, code) in zip(people, [PAMCode.success, PAMCode.authenticationError]) {
        let right = ["text \(person.password)", "text \(try person.code(at: house.daemon.time))"]
        #expect(try host.converse(person.uid, right).code() == code, "\(person.uid)")
        #expect(try host.converse(person.uid, [], calls: ["account"]).code("account") == code, "\(person.uid)")
      }
      #expect(house.daemon.log.split(separator: "\n").count { $0.contains("result=not-a-member") } == 2)
      // Another service has no group.
      try house.daemon.moveClock(by: 30)
      try host.alone("service=elsewhere")
      let other = people[1]
      let right = ["text \(other.password)", "text \(try other.code(at: house.daemon.time))"]
      #expect(
        try host.converse(other.uid, right, calls: ["authenticate", "account"]).code("account") == PAMCode.success)
    }
  }

  @Test("nobody, while its group cannot be read; the same answer is good again when it can")
  func unreadable() async throws {
    try await Self.with { house, host, people in
      try house.slapd.modify("dn: \(Self.group)\nchangetype: delete\n\n")
      try host.alone("timeout=2")
      let right = ["text \(people[0].password)", "text \(try people[0].code(at: house.daemon.time))"]
      for call in ["authenticate", "account"] {
        #expect(try host.converse(people[0].uid, right, calls: [call]).code(call) == PAMCode.unavailable)
      }
      #expect(house.daemon.log.contains("\(Self.group) does not exist"))
      try house.slapd.add("dn: \(Self.group)\nobjectClass: groupOfNames\ncn: shell\nmember: \(people[0].dn)\n\n")
      #expect(try host.converse(people[0].uid, right).code() == PAMCode.success)
    }
  }
}
