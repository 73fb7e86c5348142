import Fixtures
import Foundation
import Testing

@Suite("Fuzzing clients", .serialized) struct FuzzTests {
  @Test("fifty of them keep nobody of twenty from signing in")
  func besideGoodClients() async throws {
    try await FaultyHouse.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      let people = try house.people((0..<20).map { "user\($0)" })
      try await withThrowingTaskGroup(of: String?.self) { group in
        for seed in 0..<50 {
          group.addTask {
            try await onThread { try Self.fuzz(house, seed: UInt64(seed)) }
            return nil
          }
        }
        for person in people {
          group.addTask {
            try await onThread {
              let walker = try Walker(.signIn, in: house, person)
              while !walker.isOver { try walker.goOn() }
              return walker.reply
            }
          }
        }
        let good = try await group.reduce(into: [String]()) { if let reply = $1 { $0.append(reply) } }
        #expect(good.count == people.count)
        #expect(good.allSatisfy { $0.hasPrefix("OK signed-in") }, "\(good)")
      }
      #expect(house.daemon.isAlive)
      #expect(try house.daemon.client().send("PING") == "OK pong")
    }
  }

  private static let seeds = [
    "SIGNIN stranger@example.org from=203.0.113.9 service=sshd", "FIRST stranger@example.org", "PASSWORD Str0ng-Enough",
    "FORGOT stranger@example.org lang=de can=qr,one-prompt", "CHANGE stranger@example.org", "TOTP 123456", "QR svg",
    "NEW-PASSWORD \u{C4}-Str0ng", "CONFIRM-PASSWORD x", "CODE 123456", "AGAIN", "ENROL 123456", "CANCEL", "HELP",
    "SUPPORT", "ACCOUNT stranger@example.org service=cron", "SWEEP dry-run", "SIGNIN %6Aohn@example.org",
  ]

  /// Lines that were good once, changed at random; the daemon may close as often as it likes.
  private static func fuzz(_ house: FaultyHouse, seed: UInt64) throws {
    var random = SplitMix(state: seed)
    for _ in 0..<10 {
      let client = try house.daemon.client()
      for _ in 0..<10 {
        var line = Array((seeds.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          let place = Int.random(in: 0...line.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: line.insert(UInt8.random(in: 0...255, using: &random), at: place)
          case 1: line = Array(line.prefix(place))
          case 2: line += line.prefix(place)
          default: line.insert(contentsOf: [0x20, 0x25, 0x3D].shuffled(using: &random), at: place)
          }
        }
        guard (try? client.write(line + [0x0A])) != nil else { break }
        guard Bool.random(using: &random), (try? client.reply(within: 0.2)) != nil else { continue }
      }
    }
  }
}

/// Blocking clients have threads of their own, so that none waits for another's.
private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try work() }) }.start()
  }
}

/// SplitMix64: the same numbers from the same seed.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
