import Fixtures
import Foundation
import Testing

/// Invitations run out, whoever made them.
@Suite("An invitation that an LDAP tool has made", .serialized) struct SweepInvitationTests {
  private let past = ["drawbridgeIdleSince: 20200101000000Z", "drawbridgeLastSignIn: 20200101120000Z"]

  @Test("has its time from the next sweep, no clock, and runs out", arguments: [false, true])
  func dated(ppolicy: Bool) async throws {
    var options = Slapd.Options()
    options.ppolicy = ppolicy
    let settings = "[inactivity]\ninvitation-lifetime = \"1d\"\nsweep-every = \"off\"\n"
    try await House.with(options, settings: settings, hasOwnClock: true) { house in
      let invited = "20200101000000Z"
      let accounts: [(uid: String, lines: [String])] = [
        // Made accounts without a password, or reset by "back to first-time login".
        ("bare", []), ("reset", past + ["drawbridgeWarnedTime: 20200101000000Z"]),
        ("passing", ["userPassword: {SASL}passing"]), ("passing-reset", past + ["userPassword: {SASL}x"]),
        // Invited anew since, and its clock has stayed.
        ("clock", past + ["drawbridgeInvitedTime: \(invited)"]),
        // Nothing is to be done about these.
        ("half", past + ["userPassword: {SSHA}x", "drawbridgeExempt: TRUE"]),
        ("invited", ["drawbridgeInvitedTime: \(invited)"]),
        ("passing-invited", ["userPassword: {SASL}x", "drawbridgeInvitedTime: \(invited)"]),
        ("gone", ["drawbridgeDeactivatedTime: \(invited)", "drawbridgeDeactivatedReason: administrator"]),
      ]
      try house.slapd.add(accounts.map { Slapd.account($0.uid, $0.lines) }.joined())
      let admin = try house.daemon.adminClient()
      let expected = ["bare", "reset", "passing", "passing-reset", "clock"]
      #expect(number("invitations", of: try admin.send("SWEEP dry-run")) == 5)
      #expect(acts(admin.items) == Dictionary(uniqueKeysWithValues: expected.map { ($0, "would-date-invitation") }))
      #expect(try house.slapd.count("(drawbridgeInvitedTime>=20210101000000Z)") == 0)

      let swept = try admin.send("SWEEP")
      #expect(number("invitations", of: swept) == 5 && swept.contains(" deactivated=0 clocks=0 "), "\(swept)")
      #expect(acts(admin.items) == Dictionary(uniqueKeysWithValues: expected.map { ($0, "invitation-dated") }))
      for uid in expected where uid != "clock" {
        let entry = try #require(try house.slapd.entry(Slapd.dn(uid)))
        #expect((entry.string("drawbridgeInvitedTime") ?? "") >= generalizedDay(house.daemon.time), "\(uid)")
        #expect(entry.string("drawbridgeIdleSince") == nil && entry.string("drawbridgeWarnedTime") == nil, "\(uid)")
      }
      for uid in ["clock", "invited", "passing-invited"] {
        let entry = try #require(try house.slapd.entry(Slapd.dn(uid)))
        #expect(entry.string("drawbridgeInvitedTime") == invited && entry.string("drawbridgeIdleSince") == nil)
      }
      #expect(number("invitations", of: try admin.send("SWEEP")) == 0)

      // Good for a day.
      try house.daemon.client().send("FIRST bare@example.org")
      #expect(try house.mail.message(to: "bare@example.org").contains("code is: "))
      try house.daemon.moveClock(by: daySeconds + 60)
      try house.daemon.client().send("FIRST reset@example.org")
      #expect(try house.mail.message(to: "reset@example.org").contains("invitation has expired"))
    }
  }

  @Test("of somebody whom an administrator has locked is left alone")
  func locked() async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options) { house in
      try house.slapd.add(Slapd.account("jdoe", ["pwdAccountLockedTime: 000001010000Z"]))
      #expect(number("invitations", of: try house.daemon.adminClient().send("SWEEP")) == 0)
      #expect(try house.slapd.entry(Slapd.dn("jdoe"))?.string("drawbridgeInvitedTime") == nil)
    }
  }
}
