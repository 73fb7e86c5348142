import Fixtures
import Foundation
import Secrets
import Synchronization
import Testing

/// AD-02.
@Suite("A sweep and a sign-in at the same moment", .serialized) struct SweepRaceTests {
  private static let idle = ["drawbridgeIdleSince: 20200101000000Z", "drawbridgeLastSignIn: 20200101120000Z"]
  private static let rounds = 200

  /// A client that has given the right password of an idle person, and the line that would sign in.
  private func ready(_ person: Person, on daemon: Daemon) throws -> (client: LineClient, line: String) {
    let client = try daemon.client()
    try client.send("SIGNIN \(person.mail)")
    guard try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp") else {
      throw FixtureError("no ASK totp")
    }
    return (client, "TOTP \(try person.code(at: daemon.time))")
  }

  /// As if never deactivated, and idle since long.
  private static func idleAgain(_ person: Person) -> String {
    let gone = ["drawbridgeDeactivatedTime", "drawbridgeDeactivatedReason", "drawbridgeSessionsSince"]
    return "dn: \(person.dn)\nchangetype: modify\n"
      + idle.map { "replace: \($0.prefix { $0 != ":" })\n\($0)\n-\n" }.joined()
      + gone.map { "replace: \($0)\n-\n" }.joined() + "\n"
  }

  private func isDeactivated(_ person: Person, in slapd: Slapd) throws -> Bool {
    try slapd.entry(person).string("drawbridgeDeactivatedTime") != nil
  }

  @Test("end with one of both: who is signed in stays active, who is deactivated is not signed in")
  func released() async throws {
    try await House.with(settings: unpaced) { house in
      let admin = try house.daemon.adminClient()
      // Read before the person and changed before the person: so long lies between what the sweep read and its change.
      let decoys = (0..<19).map { Person("idle\($0)") }
      try house.slapd.add(decoys.map { Slapd.account($0.uid, Self.idle) }.joined())
      let people = try (0..<Self.rounds).map { Person("u\($0)", secret: try SystemRandom.bytes(20)) }
      try house.slapd.seed(people, keys: house.daemon.keys, attributes: lastUsed(house.daemon.time).suffix(2))
      // The code follows the sweep by so much. Whoever wins makes the next round harder for itself, so that the rounds
      // gather where both are as fast.
      var (delay, step) = (0.0, 0.008)
      var outcomes: [Bool] = []
      for person in people {
        try house.slapd.modify((decoys + [person]).map(Self.idleAgain).joined())
        let (client, line) = try ready(person, on: house.daemon)
        let start = Date().addingTimeInterval(0.01 + max(0, -delay))
        let replies = Mutex(["", ""])
        let offsets = [0, delay]
        inParallel(2) { index in
          Thread.sleep(until: start.addingTimeInterval(offsets[index]))
          let reply = (try? index == 0 ? admin.send("SWEEP") : client.send(line)) ?? "no answer"
          replies.withLock { $0[index] = reply }
        }
        let (swept, reply) = replies.withLock { ($0[0], $0[1]) }
        let isSignedIn = reply.hasPrefix("OK signed-in")
        #expect(swept.hasPrefix("OK swept"))
        #expect(isSignedIn || reply.hasPrefix("NO deactivated"), "\(reply)")
        #expect(try isDeactivated(person, in: house.slapd) == !isSignedIn)
        #expect(try admin.send("SWEEP").contains(" deactivated=0 "))
        #expect(try isDeactivated(person, in: house.slapd) == !isSignedIn)
        if let last = outcomes.last, last != isSignedIn { step = max(step / 2, 0.0002) }
        delay += isSignedIn ? step : -step
        outcomes.append(isSignedIn)
      }
      #expect(outcomes.contains(true) && outcomes.contains(false))
    }
  }

  /// The sweep of one daemon has decided when another daemon signs in, and the other way round.
  @Test("that has been decided and not yet written comes too late", arguments: [true, false])
  func held(isSweepHeld: Bool) async throws {
    try await FaultyHouse.with(directorySettings: HeldChange.directorySettings) { house in
      let direct = try Daemon(directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys)
      defer { direct.end() }
      let person = try Person("jdoe", secret: SystemRandom.bytes(20))
      try house.slapd.seed([person], keys: house.daemon.keys, attributes: Self.idle)
      let (client, line) = try ready(person, on: isSweepHeld ? direct : house.daemon)
      let admin = try (isSweepHeld ? house.daemon : direct).adminClient()
      let held = HeldChange(in: house.proxy)
      try (isSweepHeld ? admin : client).write(Array("\(isSweepHeld ? "SWEEP" : line)\n".utf8))
      try held.waitUntilHeld()
      if isSweepHeld {
        #expect(try client.send(line).hasPrefix("OK signed-in"))
        held.release()
        #expect(try admin.reply().hasPrefix("OK swept examined=1 deactivated=0 clocks=0 reactivated=0 skipped=1"))
        #expect(admin.items.first?.contains("action=skipped") == true)
      } else {
        #expect(try admin.send("SWEEP").hasPrefix("OK swept examined=1 deactivated=1 "))
        held.release()
        #expect(try client.reply().hasPrefix("NO deactivated"))
        #expect(try house.slapd.entry(person).string("drawbridgeTOTPLastStep") == nil)
      }
      #expect(try isDeactivated(person, in: house.slapd) == !isSweepHeld)
    }
  }

  /// slapd keeps a bind itself, or its module lastbind does.
  @Test("that has been decided and not yet written spares whom slapd lets bind", arguments: [false, true])
  func bound(byModule: Bool) async throws {
    var options = Slapd.Options()
    options.extraGlobalLines = byModule ? ["moduleload lastbind"] : []
    options.extraDatabaseLines = [byModule ? "overlay lastbind" : "lastbind on"]
    let stamp = byModule ? "authTimestamp" : "pwdLastSuccess"
    try await FaultyHouse.with(options, directorySettings: HeldChange.directorySettings) { house in
      let lines = Self.idle + ["userPassword: a-password", "\(stamp): 20200101000000Z"]
      try house.slapd.load(Slapd.account("jdoe", lines))
      let admin = try house.daemon.adminClient()
      let held = HeldChange(in: house.proxy)
      try admin.write(Array("SWEEP\n".utf8))
      try held.waitUntilHeld()
      let bind = ["-x", "-H", house.slapd.uri, "-D", Slapd.dn("jdoe"), "-w", "a-password"]
      #expect(try Command.run("ldapwhoami", bind).status == 0)
      held.release()
      let swept = try admin.reply()
      #expect(swept.hasPrefix("OK swept examined=1 deactivated=0 clocks=0 reactivated=0 skipped=1 "), "\(swept)")
      #expect(try house.slapd.deactivated() == 0)
      // The next one sees the bind, and moves the clock.
      #expect(try admin.send("SWEEP").hasPrefix("OK swept examined=1 deactivated=0 "))
      #expect(try house.slapd.standing("jdoe")["drawbridgeIdleSince"] == generalizedDay(house.daemon.time))
    }
  }

  @Test("leave alone whom an LDAP tool has reactivated, before a sign-in or after it", arguments: [false, true])
  func reactivated(isSweptFirst: Bool) async throws {
    try await House.with { house in
      let person = try house.people("jdoe", attributes: Self.idle)[0]
      let admin = try house.daemon.adminClient()
      #expect(try admin.send("SWEEP").hasPrefix("OK swept examined=1 deactivated=1 "))
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("NO deactivated"))
      try house.slapd.modify(person, "delete: drawbridgeDeactivatedTime")
      if isSweptFirst { #expect(try admin.send("SWEEP").contains(" deactivated=0 clocks=1 ")) }
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try admin.send("SWEEP").hasPrefix("OK swept examined=0 deactivated=0 clocks=0 "))
      #expect(try !isDeactivated(person, in: house.slapd))
    }
  }
}
