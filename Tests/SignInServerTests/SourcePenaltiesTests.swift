import Configuration
import Glibc
import Testing

@testable import SignInServer

@Suite("A source") struct SourcePenaltiesTests {
  private static func source(_ address: String, isTrusted: Bool = true) -> Source? {
    let uid = geteuid() &+ 1
    let peer = Peer(
      uid: uid, processID: 1, listener: Listener(path: "/s", role: .signin, mode: 0o666),
      trustedUIDs: isTrusted ? [uid] : [])
    return Source(from: Array(address.utf8), peer: peer)
  }

  @Test(
    "is an IPv4 address however it is written, and a network of 64 bits of IPv6",
    arguments: [
      ("::ffff:198.51.100.1", "198.51.100.1", true), ("::FFFF:c633:6401", "198.51.100.1", true),
      ("0:0:0:0:0:ffff:198.51.100.1", "198.51.100.1", true), ("::ffff:198.51.100.1", "::ffff:203.0.113.7", false),
      ("198.51.100.1", "198.51.100.2", false), ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true),
      ("2001:db8:0:1::1", "2001:db8:0:2::1", false), ("2001:DB8::1", "2001:db8:0:0::2", true),
      ("::1", "::ffff:127.0.0.1", false), ("a", "b", false), ("a", "a", true),
    ])
  func addresses(one: String, other: String, isSame: Bool) {
    #expect((Self.source(one) == Self.source(other)) == isSame)
  }

  @Test("is the user where the peer is not trusted, whatever it claims")
  func claims() {
    let one = Self.source("198.51.100.1", isTrusted: false)
    #expect(one == Self.source("203.0.113.7", isTrusted: false))
    #expect(one == .user(geteuid() &+ 1))
  }

  @Test("waits from the third failure at once on, no longer than ten minutes, and nobody else with it")
  func waits() throws {
    let penalties = SourcePenalties()
    let (source, other) = (Source.address([1]), Source.address([2]))
    let now = ContinuousClock.now
    for _ in 0..<2 { penalties.charge(source, at: now) }
    #expect(penalties.wait(source, at: now) == nil)
    penalties.charge(source, at: now)
    #expect(try #require(penalties.wait(source, at: now)) > 0)
    #expect(penalties.wait(other, at: now) == nil)
    #expect(penalties.wait(source, at: now + .seconds(1)) == nil)
    for _ in 0..<1000 { penalties.charge(source, at: now) }
    #expect((590...601).contains(try #require(penalties.wait(source, at: now))))
    #expect(penalties.wait(source, at: now + .seconds(600)) == nil)
  }
}
