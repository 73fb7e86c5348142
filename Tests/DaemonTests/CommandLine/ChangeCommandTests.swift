import Fixtures
import Foundation
import Testing

@Suite("Changing accounts by the command line") struct ChangeCommandTests {
  @Test("one after the other, each audited once; a refusal is told by the exit code and stops nothing")
  func several() async throws {
    try await House.with { house in
      let people = try house.people("a", "b", "c")
      let mails = people.map(\.mail)
      let done = try house.drawbridge.run(["user", "deactivate", "--yes"] + mails)
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.split(separator: "\n").map(String.init) == mails.map { "\($0): deactivated" })
      #expect(house.audit("deactivate").count == 3)
      #expect(house.audit("deactivate").allSatisfy { $0.contains("result=done") && $0.contains("peer=uid=") })

      let mixed = try house.drawbridge(
        "user", "reactivate", mails[0], "nobody@example.org", mails[1], mails[0])
      #expect(mixed.status == 1)
      #expect(mixed.output == "\(mails[0]): reactivated\n\(mails[1]): reactivated\n")
      #expect(mixed.errors.contains("nobody@example.org: No account") && mixed.errors.contains("not deactivated"))
      let results = house.audit("reactivate").map { $0.contains("result=done") }
      #expect(results == [true, false, true, false])
      #expect(house.audit("reactivate").contains { $0.contains("result=no-such-account") && $0.contains("id=-") })
      #expect(house.audit("reactivate").contains { $0.contains("result=not-deactivated") && !$0.contains("id=-") })

      let read = try house.drawbridge("user", "reactivate", "-", "--json", input: "\(mails[2])\r\n\n\(mails[2])")
      #expect(read.status == 1)
      let words = try Drawbridge.objects(read.output).compactMap { $0["word"] as? String }
      #expect(words == ["reactivated", "not-deactivated"])
    }
  }

  @Test(
    "what is not easily taken back needs --yes where there is no terminal",
    arguments: ["deactivate", "reset", "signout"])
  func confirmation(verb: String) async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let before = try house.slapd.entry(person)
      let asked = try house.drawbridge("user", verb, person.mail, input: "y\n")
      #expect(asked.status == 64)
      #expect(asked.errors.contains("--yes"))
      #expect(try house.slapd.entry(person) == before)
      #expect(house.audit(verb == "signout" ? "signout-all" : verb).isEmpty)
      #expect(try house.drawbridge("user", verb, person.mail, "--yes").status == 0)
      #expect(try house.slapd.entry(person) != before)
    }
  }

  @Test("on a terminal the question is answered there; no is no")
  func onATerminal() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let command = try "\(Daemon.binary("drawbridge")) user deactivate \(person.mail) --socket \(house.daemon.admin)"
      func answer(_ typed: String) throws -> Command.Result {
        try Command.run("script", ["-qec", command, "/dev/null"], input: typed)
      }
      let no = try answer("n\n")
      #expect(no.status == 1)
      #expect(no.output.contains("Deactivate \(person.mail)? [y/N]") && no.output.contains("Nothing was done"))
      #expect(try house.slapd.entry(person).string("drawbridgeDeactivatedTime") == nil)
      #expect(try answer("Yes\n").status == 0)
      #expect(try house.slapd.entry(person).string("drawbridgeDeactivatedTime") != nil)
    }
  }

  @Test("64 requests at once are done and audited once each, whatever their number is against the pipeline's")
  func many() async throws {
    try await House.with { house in
      let people = (0..<64).map { Person("u\($0)") }
      try house.slapd.seed(people, keys: house.daemon.keys)
      let done = try house.drawbridge.run(["user", "signout", "--yes"] + people.map(\.mail))
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.split(separator: "\n").count == 64)
      #expect(house.audit("signout-all").count == 64)
      #expect(try house.slapd.search("(drawbridgeSessionsSince=*)").count == 64)
    }
  }

  @Test("a directory that comes back while requests are put off ends them well")
  func putOff() async throws {
    try await House.with { house in
      let people = (0..<40).map { Person("u\($0)") }
      try house.slapd.seed(people, keys: house.daemon.keys)
      try house.slapd.kill()
      let restart = Thread {
        Thread.sleep(forTimeInterval: 1.5)
        try? house.slapd.start()
      }
      restart.start()
      let done = try house.drawbridge.run(["user", "deactivate", "--yes"] + people.map(\.mail))
      #expect(done.status == 0, "\(done.errors)")
      #expect(try house.slapd.search("(drawbridgeDeactivatedTime=*)").count == 40)
      #expect(house.audit("deactivate").filter { $0.contains("result=done") }.count == 40)
    }
  }
}
