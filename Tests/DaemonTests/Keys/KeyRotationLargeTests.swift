import Fixtures
import Foundation
import Secrets
import Testing

@Suite("A rotation of the keys of a large directory", .serialized) struct KeyRotationLargeTests {
  @Test("reads it by the page, leaves nothing, and people sign in meanwhile", .enabled(if: SweepLargeTests.isWanted))
  func large() async throws {
    try await House.with(settings: "[inactivity]\nchanges-per-second = 0\n") { house in
      let count = 3_000
      let people = try (0..<count).map { Person("p\($0)", secret: try SystemRandom.bytes(20)) }
      try house.slapd.seed(people, keys: house.daemon.keys)
      let (_, new) = try house.daemon.addActiveKey()
      try house.daemon.restart()
      let admin = try house.daemon.adminClient()
      try admin.write(Array("KEYS rotate\n".utf8))
      for person in people.suffix(20) {
        #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      }
      let rotated = try admin.reply(within: 600)
      #expect(rotated.contains(" secrets=\(count) recovery-codes=0 left=0 unknown=0 damaged=0"), "\(rotated)")
      #expect(try house.slapd.keysInUse() == [new: count])
      for person in people.prefix(20) {
        #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      }
    }
  }
}
