import SignIn
import Testing

@testable import Directory

@Suite("After a change of the provider") struct FenceTests {
  private let step = today.seconds / 30

  private func account() -> Account {
    Account(id: EntryUUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), dn: "uid=jdoe,ou=people,dc=example,dc=org")
  }

  private func raised(_ uris: String...) -> Fence {
    var fence = Fence()
    for uri in uris { fence.raise(for: uri, at: today) }
    return fence
  }

  @Test("it stands until nothing is missing of any server that was used before")
  func severalServers() {
    var fence = raised("a", "b")
    fence.lift(for: "b")
    #expect(fence.holds(.useMailedCode(account()), at: today) == 60)
    fence.lift(for: "a")
    #expect(fence.holds(.useMailedCode(account()), at: today) == nil && fence.seconds(at: today) == 0)
    fence.raise(for: "c", at: today)
    fence.raise(for: "d", at: today.adding(seconds: 61))
    fence.lift(for: "d")
    #expect(fence == Fence())
  }

  @Test("a step that may have been accepted before waits, and the first that cannot have been does not")
  func steps() {
    let fence = raised("a")
    for offset: Int64 in [-1, 0, 1] {
      #expect(fence.holds(.useStep(account(), step: step + offset), at: today) == 60, "\(offset)")
      #expect(fence.holds(.signIn(account(), step: step + offset, at: today), at: today) == 60, "\(offset)")
    }
    #expect(fence.holds(.useStep(account(), step: step + 2), at: today) == nil)
    #expect(fence.holds(.signIn(account(), step: step + 2, at: today), at: today) == nil)
  }

  @Test("mailed and recovery codes wait as long, and nothing else waits")
  func codes() {
    let fence = raised("a")
    let codes: [Change] = [
      .useMailedCode(account()), .useRecoveryCode(account(), [1]),
      .signInWithRecoveryCode(account(), [1], at: today),
    ]
    for change in codes {
      #expect(fence.holds(change, at: today) == 60)
      #expect(fence.holds(change, at: today.adding(seconds: 59)) == 1)
      #expect(fence.holds(change, at: today.adding(seconds: 60)) == nil)
    }
    for change: Change in [
      .charging(account(), .password, at: today), .unlock(account()), .endSessions(account(), at: today),
    ] {
      #expect(fence.holds(change, at: today) == nil)
    }
  }
}

@Suite("contextCSN") struct ContextCSNTests {
  private func csn(_ values: String...) -> ContextCSN? { ContextCSN(values.map { Array($0.utf8) }) }
  private let older = "20260131120000.000001Z#000000#001#000000"
  private let newer = "20260131120000.000001Z#000001#001#000000"
  private let other = "20260131110000.000000Z#000000#002#000000"

  @Test("covers another one where it is as new for each server that wrote")
  func covers() throws {
    let both = try #require(csn(newer, other))
    #expect(try both.covers(both) && both.covers(#require(csn(older))) && both.covers(#require(csn(other))))
    #expect(try !#require(csn(older, other)).covers(both))
    #expect(try !#require(csn(newer)).covers(both))
  }

  @Test("that cannot be read says nothing")
  func unreadable() {
    #expect(csn() == nil)
    for value in ["", "20260131120000Z#000000#001#000000", "x", older + "#", String(older.dropLast())] {
      #expect(csn(value) == nil && csn(older, value) == nil, "\(value)")
    }
  }
}
