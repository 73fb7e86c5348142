import Foundation
import Secrets
import Testing

@Suite("An authenticator that is sealed") struct SealedAuthenticatorTests {
  private static let random: RandomBytes = { count throws(RandomFailure) in try SystemRandom.bytes(count) }
  private static func key(_ byte: UInt8) -> String { Data(repeating: byte, count: 32).base64EncodedString() }
  private static func ring(_ text: String) throws -> KeyRing { try KeyRing(parsing: Array(text.utf8)) }
  private let entry = Array("one".utf8)
  private let attribute = "drawbridgeRecoveryCode"

  private func verify(_ stored: [UInt8], _ code: [UInt8], _ ring: KeyRing, entry: String = "one") throws -> Bool {
    try ring.verifySealed(
      stored, purpose: "code", parts: [code], entryUUID: Array(entry.utf8), attribute: attribute)
  }

  private func make(_ code: [UInt8], _ ring: KeyRing) throws -> [UInt8] {
    try ring.sealedAuthenticator(
      purpose: "code", parts: [code], entryUUID: entry, attribute: attribute, random: Self.random)
  }

  private func carryOver(_ stored: [UInt8], to ring: KeyRing) throws -> [UInt8] {
    let plain = try ring.authenticatorPlain(stored, entryUUID: entry, attribute: attribute)
    return try ring.seal(
      plain, entryUUID: entry, attribute: attribute, nonce: SystemRandom.bytes(KeyRing.nonceLength))
  }

  @Test("fits what it is over, in its own entry, and is written differently each time")
  func fits() throws {
    let ring = try Self.ring("1 active \(Self.key(1))")
    let stored = try make([1, 2], ring)
    #expect(try verify(stored, [1, 2], ring) && !verify(stored, [1, 3], ring))
    #expect(throws: SealFailure.refused) { try verify(stored, [1, 2], ring, entry: "two") }
    #expect(try make([1, 2], ring) != stored)
    #expect(KeyRing.keyID(ofAuthenticator: stored) == 1)
    #expect(throws: SealFailure.unknownKey(1)) { try verify(stored, [1, 2], Self.ring("2 active \(Self.key(2))")) }
    #expect(throws: SealFailure.malformed) { try verify(Array(stored.prefix(20)), [1, 2], ring) }
    let secret = try ring.seal(
      Secret([1]), entryUUID: entry, attribute: attribute, nonce: SystemRandom.bytes(KeyRing.nonceLength))
    #expect(throws: SealFailure.malformed) { try verify(secret, [1, 2], ring) }
  }

  @Test("is good under the next key, without the one that it was made under", arguments: [false, true])
  func carriedOver(isBare: Bool) throws {
    let old = try Self.ring("1 active \(Self.key(1))")
    let both = try Self.ring("1 open \(Self.key(1))\n2 active \(Self.key(2))")
    let new = try Self.ring("2 active \(Self.key(2))\n3 open \(Self.key(3))")
    let stored = isBare ? try old.authenticator(purpose: "code", parts: [[7]]) : try make([7], old)
    #expect(KeyRing.keyID(ofAuthenticator: stored) == 1)
    #expect(try verify(stored, [7], both) && !verify(stored, [8], both))
    #expect(throws: SealFailure.unknownKey(1)) { try verify(stored, [7], new) }

    let moved = try carryOver(stored, to: both)
    #expect(KeyRing.keyID(ofAuthenticator: moved) == 2)
    #expect(try verify(moved, [7], new) && !verify(moved, [8], new))
    let plain = try both.authenticatorPlain(stored, entryUUID: entry, attribute: attribute)
    #expect(try new.authenticatorPlain(moved, entryUUID: entry, attribute: attribute) == plain)
  }
}
