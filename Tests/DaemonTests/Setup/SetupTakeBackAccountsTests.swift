import Fixtures
import Foundation
import Testing

@Suite("drawbridge setup, taken back while there are accounts", .serialized) struct SetupTakeBackAccountsTests {
  private static let rules = "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n"

  private func rules(_ house: SetupHouse) throws -> [Substring] {
    let entries = try house.settings().components(separatedBy: "\n\n")
    let database = entries.first { $0.hasPrefix("dn: olcDatabase={1}mdb,cn=config\n") } ?? ""
    return database.split(separator: "\n").filter { $0.hasPrefix("olcAccess: {") }
  }

  @Test("leaves a rule that closes their secrets, and takes it when they are gone", arguments: [true, false])
  func secrets(hasRule: Bool) async throws {
    try await SetupHouse.with { house in
      let change = hasRule ? "replace: olcAccess\nolcAccess: to * by * read" : "delete: olcAccess"
      try house.configure(Self.rules + change)
      let settings = try house.settings()
      #expect(try house.setup().status == 0)
      try house.addAccount()

      let back = try house.setup(["--take-back", "--yes"])
      #expect(back.status == 0, "\(back.output)\(back.errors)")
      #expect(
        back.output.contains("stays    access: olcDatabase={1}mdb,cn=config: to attrs=drawbridgePassword,")
          && back.output.contains("because there are accounts"), "\(back.output)")
      #expect(back.output.contains("taken    access") && !back.output.contains("changed"), "\(back.output)")
      let shown = try house.shown().output
      #expect(shown.contains("mail: jdoe@example.org") && !shown.contains("drawbridgeTOTPSecret"), "\(shown)")
      #expect(!shown.contains("drawbridgeLastSignIn"))
      let left = try rules(house)
      #expect(left.count == 2 && left[1] == "olcAccess: {1}to * by * read", "\(left)")

      // Once more: the same, and no second rule.
      let again = try house.setup(["--take-back", "--yes"])
      #expect(again.status == 0 && again.output.contains("because there are accounts"), "\(again)")
      #expect(try rules(house) == left)

      try house.slapd.modify("dn: \(Slapd.dn("jdoe"))\nchangetype: delete\n")
      let last = try house.setup(["--take-back", "--yes"])
      #expect(last.status == 0 && last.output.contains("taken    access"), "\(last)")
      #expect(try house.settings() == settings)
      #expect(try house.setup(["--take-back", "--yes"]).output.contains("has no record"))
    }
  }

  @Test("comes to its end where people are below what setup made, and calls gone what an earlier run took")
  func people() async throws {
    try await SetupHouse.with { house in
      let folk = "ou=folk,\(Slapd.suffix)"
      #expect(try house.setup(["--yes", "--people", folk]).status == 0)
      try house.slapd.add(
        "dn: uid=old,\(folk)\nobjectClass: inetOrgPerson\nuid: old\ncn: old\nsn: old\n")
      let record = "\(house.records)/0001.ldif"
      let text = try String(contentsOfFile: record, encoding: .utf8)
      let taken = "dn: cn=config\nx-taken-back: identity\n\n"
      let file = try #require(FileHandle(forWritingAtPath: record))
      try file.seekToEnd()
      try file.write(contentsOf: Data(taken.utf8))
      try file.close()
      let back = try house.setup(["--take-back", "--yes"])
      #expect(back.status == 0, "\(back)")
      #expect(back.output.contains("stays    people: \(folk) (there are entries below it)"), "\(back.output)")
      #expect(back.output.contains("gone     identity: cn=config"), "\(back.output)")
      #expect(back.output.contains("taken    limits") && !back.output.contains("changed"), "\(back.output)")
      #expect(FileManager.default.fileExists(atPath: "\(record).done"))
      #expect(try String(contentsOfFile: "\(record).done", encoding: .utf8).hasPrefix(text))
      #expect(try house.setup(["--take-back", "--yes"]).output.contains("has no record"))
    }
  }
}
