import Fixtures
import Foundation
import Testing

/// AD-06.
@Suite("A sweep that is cut short", .serialized) struct SweepInterruptionTests {
  private let idle = lastUsed(1_577_836_800)
  private let paced = "[inactivity]\nchanges-per-second = 40\n"

  /// Begins a sweep, and returns when some accounts, not all, are gone.
  private func begin(_ house: House) throws -> LineClient {
    let admin = try house.daemon.adminClient()
    try admin.write(Array("SWEEP force\n".utf8))
    try Fixtures.await("the first accounts to go") { try house.slapd.deactivated() >= 60 ? true : nil }
    return admin
  }

  private func expectTheRest(_ house: House, of count: Int) throws {
    let before = try house.slapd.deactivated()
    #expect(before < count)
    let swept = try house.daemon.adminClient().send("SWEEP force", within: 120)
    #expect(number("deactivated", of: swept) == count - before, "\(swept)")
    #expect(try house.slapd.deactivated() == count)
    // All records together take all of it back.
    for record in house.daemon.records { _ = try house.daemon.drawbridge("sweep", "--undo", record) }
    #expect(try house.slapd.deactivated() == 0)
  }

  @Test("by the death of the daemon goes on with the next one")
  func killed() async throws {
    try await House.with(settings: paced) { house in
      try house.slapd.add(200, "idle", idle)
      _ = try begin(house)
      try house.daemon.kill()
      try house.daemon.start()
      try expectTheRest(house, of: 200)
    }
  }

  @Test("by the death of the directory goes on with the next one")
  func lostDirectory() async throws {
    try await House.with(settings: paced) { house in
      try house.slapd.add(200, "idle", idle)
      let admin = try begin(house)
      try house.slapd.kill()
      #expect(try admin.reply(within: 60).hasPrefix("LATER directory"))
      #expect(house.daemon.isAlive)
      try house.slapd.start()
      try expectTheRest(house, of: 200)
    }
  }

  @Test("by an administrator who goes away, or by the daemon's own end, stops soon", arguments: [false, true])
  func stopped(byTermination: Bool) async throws {
    try await House.with(settings: paced) { house in
      try house.slapd.add(400, "idle", idle)
      var admin: LineClient? = try begin(house)
      if byTermination {
        try house.daemon.terminate()
        try house.daemon.start()
      } else {
        admin?.close()
        admin = nil
        try Fixtures.await("the end of the sweep") { house.daemon.log.contains("the sweep was cut short") ? true : nil }
      }
      try expectTheRest(house, of: 400)
    }
  }

  @Test("no more changes a second than the configuration allows")
  func pace() async throws {
    try await House.with(settings: "[inactivity]\nchanges-per-second = 10\n") { house in
      try house.slapd.add(20, "idle", idle)
      let begun = Date()
      #expect(number("deactivated", of: try house.daemon.adminClient().send("SWEEP")) == 20)
      #expect(Date().timeIntervalSince(begun) >= 1.9)
    }
  }
}
