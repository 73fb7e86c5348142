import Fixtures
import Foundation
import Testing

@Suite("Listing accounts") struct ListCommandTests {
  static let count = 1_200

  @Test("1,200 of them: once each, for people and one JSON object a line; what is asked for must fit")
  func all() async throws {
    try await House.with { house in
      try house.slapd.add(
        (0..<Self.count).map { number in
          let uid = "u\(number)"
          switch number % 4 {
          case 0: return Slapd.account(uid, ["drawbridgeInvitedTime: 20260101000000Z"])
          case 1: return Slapd.account(uid, ["userPassword: {SSHA}x", "drawbridgeIdleSince: 20250101000000Z"])
          case 2: return Slapd.account(uid, ["drawbridgeDeactivatedTime: 20260101000000Z"])
          default:
            return Slapd.account(
              uid,
              [
                "userPassword: {SSHA}x", "drawbridgeTOTPSecret: x", "drawbridgeIdleSince: 20260101000000Z",
                "drawbridgeLastSignIn: 20260101100000Z",
              ])
          }
        }.joined())
      let listed = try house.drawbridge("user", "list", "--json")
      #expect(listed.status == 0, "\(listed.errors)")
      let objects = try Drawbridge.objects(listed.output)
      #expect(objects.count == Self.count)
      #expect(Set(objects.compactMap { $0["uid"] as? String }).count == Self.count)
      for (flags, state) in [
        (["--invited"], "invited"), (["--half-set-up"], "half-set-up"), (["--deactivated"], "deactivated"),
        (["--active"], "active"),
      ] {
        let some = try Drawbridge.objects(try house.drawbridge.run(["user", "list", "--json"] + flags).output)
        #expect(some.count == Self.count / 4, "\(state)")
        #expect(some.allSatisfy { $0["state"] as? String == state })
      }
      let table = try house.drawbridge("user", "list")
      let lines = table.output.split(separator: "\n")
      #expect(lines.count == Self.count + 1)
      #expect(lines[0].hasPrefix("LOGIN ") && lines[0].contains("LAST-SIGN-IN"))
      #expect(table.errors.contains("1200 accounts"))
      let idle = try house.drawbridge("user", "list", "--idle-before", "2025-06-30", "--never", "--json")
      #expect(try Drawbridge.objects(idle.output).count == Self.count / 4)
      #expect(try house.drawbridge("user", "list", "--locked", "--json").output.isEmpty)
      for form in ["", "--json"] {
        let script = "\"$0\" user list $2 --socket \"$1\" | head -1; echo ${PIPESTATUS[0]}"
        let first = try Command.run("bash", ["-c", script, try Daemon.binary("drawbridge"), house.daemon.admin, form])
        let lines = first.output.split(separator: "\n")
        // As of any command whose reader went away: SIGPIPE, and not a word.
        #expect(lines.count == 2 && lines.last == "141" && first.errors.isEmpty, "\(first)")
        #expect(lines.first?.hasPrefix(form.isEmpty ? "LOGIN " : "{") == true)
      }
    }
  }

  @Test("a date that is none is wrong usage, an unknown organisation a refusal, two states no question")
  func wrong() async throws {
    try await House.with { house in
      let statuses = try [["--idle-before", "yesterday"], ["--organisation", "nobody"], ["--active", "--locked"]]
        .map { try house.drawbridge.run(["user", "list"] + $0).status }
      #expect(statuses == [64, 1, 64])
      #expect(house.audit("list").map { $0.contains("result=done") } == [false, false])
    }
  }

  @Test("status, for people and scripts, also while the directory is down")
  func status() async throws {
    try await House.with { house in
      func fields() throws -> [String: Any] {
        let shown = try house.drawbridge("status", "--json")
        #expect(shown.status == 0)
        return try Drawbridge.objects(shown.output)[0]["fields"] as? [String: Any] ?? [:]
      }
      let up = try fields()
      #expect(up["directory"] as? String == "connected")
      // Those of the fixture may not have been seen to close yet.
      #expect((up["connections"] as? String).flatMap { Int($0) } ?? 0 >= 1)
      #expect((up["keys"] as? String)?.isEmpty == false && up["version"] != nil && up["mail-queue"] as? String == "0")
      let ring = try String(contentsOfFile: house.daemon.keys, encoding: .utf8)
      let key = try #require(ring.split(separator: "\n").last?.split(separator: " ").last)
      let people = try house.drawbridge("status")
      #expect(people.output.contains("uptime") && !people.output.contains(key))
      try house.slapd.kill()
      #expect(try fields()["directory"] as? String == "down")
    }
  }
}
