import Fixtures
import Foundation
import Testing

@Suite("Whom no sweep deactivates", .serialized) struct SweepProtectionTests {
  private let idle = lastUsed(1_577_836_800)
  private let group = "cn=exempt,ou=groups,\(Slapd.suffix)"
  private var settings: String { unpaced + "exempt-group = \"\(group)\"\n" }

  @Test("members of the exempt group, however their names are written, and who is exempt")
  func members() async throws {
    try await House.with(settings: settings) { house in
      try house.slapd.add(3, "idle", idle)
      try house.slapd.add(Slapd.account("exempt", idle + ["drawbridgeExempt: TRUE"]))
      let soon = lastUsed(Int(Date().timeIntervalSince1970) - 360 * daySeconds)
      try house.slapd.add(Slapd.account("soon", soon))
      try house.slapd.add(
        "dn: \(group)\nobjectClass: groupOfNames\ncn: exempt\nmember: UID=IDLE1 , OU=People,DC=example,dc=ORG\n"
          + "member: \(Slapd.dn("soon"))\n\n")
      let admin = try house.daemon.adminClient()
      let expected = ["idle0": "deactivated", "idle2": "deactivated", "idle1": "skipped"]
      try admin.send("SWEEP dry-run")
      #expect(acts(admin.items) == expected.mapValues { $0 == "deactivated" ? "would-deactivate" : $0 })
      #expect(number("deactivated", of: try admin.send("SWEEP")) == 2)
      #expect(acts(admin.items) == expected)
      #expect(admin.items.contains { $0.contains("reason=member%20of%20the%20exempt%20group") })
      #expect(house.mail.messages(to: nil).isEmpty)
    }
  }

  @Test("a group that is not there, or cannot be read, is never taken for an empty one")
  func missing() async throws {
    try await House.with(settings: settings) { house in
      try house.slapd.add(1, "idle", idle)
      for verb in ["SWEEP", "SWEEP dry-run", "SWEEP force"] {
        let reply = try house.daemon.adminClient().send(verb)
        #expect(reply.hasPrefix("NO unfit ") && reply.contains("inactivity.exempt-group"), "\(reply)")
      }
      try house.slapd.add("dn: \(group)\nobjectClass: organizationalRole\ncn: exempt\n\n")
      #expect(try house.daemon.adminClient().send("SWEEP").hasPrefix("NO unfit "))
      #expect(try house.slapd.deactivated() == 0)
    }
  }

  @Test("the brake counts without them")
  func brake() async throws {
    try await House.with(settings: settings) { house in
      try house.slapd.add(21, "idle", idle)
      try house.slapd.add("dn: \(group)\nobjectClass: groupOfNames\ncn: exempt\nmember: \(Slapd.dn("idle0"))\n\n")
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 20)
    }
  }
}
