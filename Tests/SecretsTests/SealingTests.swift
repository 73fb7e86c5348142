import Secrets
import Testing

struct SealingTests {
  private static let keys = [
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
  ]
  private let old: KeyRing
  private let both: KeyRing
  private let new: KeyRing
  private let secret = Secret("twenty bytes secret!".utf8)
  private let entry = Array("6f2d3c4e-0000-1000-8000-000000000001".utf8)
  private let nonce = [UInt8](1...12)

  init() throws {
    old = try KeyRing(parsing: Array("1 active \(Self.keys[0])".utf8))
    both = try KeyRing(parsing: Array("1 open \(Self.keys[0])\n2 active \(Self.keys[1])".utf8))
    new = try KeyRing(parsing: Array("2 active \(Self.keys[1])".utf8))
  }

  private func sealed(_ ring: KeyRing, _ plain: Secret? = nil) throws -> [UInt8] {
    try ring.seal(plain ?? secret, entryUUID: entry, attribute: "drawbridgeTOTPSecret", nonce: nonce)
  }

  private func opened(_ ring: KeyRing, _ blob: [UInt8]) throws(SealFailure) -> Secret {
    try ring.open(blob, entryUUID: entry, attribute: "drawbridgeTOTPSecret")
  }

  @Test func whatIsSealedOpens() throws {
    let blob = try sealed(old)
    #expect(blob.count == 1 + 4 + 12 + 20 + 16)
    #expect(Array(blob.prefix(17)) == [1, 0, 0, 0, 1] + nonce)
    #expect(try opened(old, blob) == secret)
  }

  @Test(arguments: [0, 1, 16, 2048])
  func lengthsFromNothingToTheLimitOpen(length: Int) throws {
    let plain = Secret([UInt8](repeating: 9, count: length))
    #expect(try opened(old, try sealed(old, plain)) == plain)
  }

  @Test func whatCouldNotBeOpenedIsNotSealed() {
    #expect(throws: SealFailure.malformed) { try sealed(old, Secret([UInt8](repeating: 9, count: 2049))) }
    #expect(throws: SealFailure.malformed) { try old.seal(secret, entryUUID: entry, attribute: "a", nonce: [1, 2, 3]) }
  }

  @Test func noFlippedBitOpens() throws {
    let blob = try sealed(both)
    for bit in 0..<blob.count * 8 {
      var flipped = blob
      flipped[bit / 8] ^= 1 << (bit % 8)
      let failure = #expect(throws: SealFailure.self) { try opened(both, flipped) }
      switch bit / 8 {
      case 0: #expect(failure == .malformed)
      case 1...4:
        let id = flipped[1...4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        #expect(failure == (both.keyIDs.contains(id) ? .refused : .unknownKey(id)))
      default: #expect(failure == .refused)
      }
    }
  }

  @Test func noOtherLengthOpens() throws {
    let blob = try sealed(old)
    for length in 0..<blob.count { #expect(throws: SealFailure.self) { try opened(old, Array(blob.prefix(length))) } }
    #expect(throws: SealFailure.refused) { try opened(old, blob + [0]) }
    #expect(throws: SealFailure.malformed) { try opened(old, blob + [UInt8](repeating: 0, count: 1_000_000)) }
  }

  @Test func aValueMovedToAnotherEntryOrAttributeStaysShut() throws {
    let blob = try sealed(old)
    let other = Array("6f2d3c4e-0000-1000-8000-000000000002".utf8)
    #expect(throws: SealFailure.refused) { try old.open(blob, entryUUID: other, attribute: "drawbridgeTOTPSecret") }
    #expect(throws: SealFailure.refused) { try old.open(blob, entryUUID: entry, attribute: "drawbridgePassword") }
    #expect(throws: SealFailure.refused) { try old.open(blob, entryUUID: [], attribute: "") }
    // The end of one field is not the beginning of the next.
    #expect(throws: SealFailure.refused) {
      try old.open(blob, entryUUID: entry + Array("d".utf8), attribute: "rawbridgeTOTPSecret")
    }
  }

  /// Two ids of one key: but for the additional data, either would do.
  @Test func theKeysIDIsSealedToo() throws {
    let twins = try KeyRing(parsing: Array("1 active \(Self.keys[0])\n2 open \(Self.keys[0])".utf8))
    var blob = try sealed(twins)
    #expect(try opened(twins, blob) == secret)
    blob[4] = 2
    #expect(throws: SealFailure.refused) { try opened(twins, blob) }
  }

  @Test func rotationKeepsWhatIsOldAndNamesWhatIsUnknown() throws {
    #expect(try opened(both, try sealed(old)) == secret)
    #expect(try opened(new, try sealed(both)) == secret)
    #expect(throws: SealFailure.unknownKey(1)) { try opened(new, try sealed(old)) }
    #expect(throws: SealFailure.unknownKey(2)) { try opened(old, try sealed(new)) }
  }

  @Test func anAuthenticatorHoldsForItsPurposeAndParts() throws {
    let made = try old.authenticator(purpose: "mailed-code", parts: [entry, [1, 2]])
    #expect(made.count == 36 && Array(made.prefix(4)) == [0, 0, 0, 1])
    #expect(try old.verify(made, purpose: "mailed-code", parts: [entry, [1, 2]]))
    #expect(try both.verify(made, purpose: "mailed-code", parts: [entry, [1, 2]]))
    #expect(throws: SealFailure.unknownKey(1)) {
      try new.verify(made, purpose: "mailed-code", parts: [entry, [1, 2]])
    }
    let others: [(String, [[UInt8]])] = [
      ("ticket", [entry, [1, 2]]), ("mailed-code", [entry, [1], [2]]), ("mailed-code", [entry + [1], [2]]),
      ("mailed-code", [entry, [1, 2], []]), ("mailed-code", []), ("", [Array("mailed-code".utf8), entry, [1, 2]]),
    ]
    for (purpose, parts) in others { #expect(try !old.verify(made, purpose: purpose, parts: parts)) }
  }

  @Test func noFlippedBitOfAnAuthenticatorHolds() throws {
    let made = try old.authenticator(purpose: "p", parts: [])
    for bit in 0..<made.count * 8 {
      var flipped = made
      flipped[bit / 8] ^= 1 << (bit % 8)
      #expect((try? old.verify(flipped, purpose: "p", parts: [])) != true)
    }
    for length in [0, 4, 35, 37] {
      #expect(throws: SealFailure.malformed) {
        try old.verify([UInt8](repeating: 0, count: length), purpose: "p", parts: [])
      }
    }
  }
}
