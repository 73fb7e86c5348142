import Testing
import Wire

@testable import drawbridge

@Suite("A key may leave the ring") struct KeyObjectionTests {
  private func report(secrets: Int = 0, recovery: Int = 0, mailed: Int = 0) throws -> KeyReport {
    let item = Item([
      Field("key", "7"), Field("state", "open"), Field("secrets", secrets), Field("recovery-codes", recovery),
      Field("mailed-codes", mailed),
    ])
    return try #require(
      KeyReport(.ok("keys", [Field("active", "9"), Field("token-seconds", "100")], items: [item])))
  }

  private func objection(_ report: KeyReport, id: UInt32 = 7, closed: Int64? = 1_000, now: Int64? = 1_100) -> String? {
    KeysRetire.objection(to: id, report, closed: closed, now: now)
  }

  @Test("once nothing is under it, and the last session has ended; not before") func whenDone() throws {
    #expect(objection(try report()) == nil)
    #expect(objection(try report(), now: 1_099)?.contains("for 1 s more") == true)
    #expect(objection(try report(), closed: nil)?.contains("does not tell since when") == true)
    #expect(objection(try report(mailed: 1))?.contains("1 mailed codes") == true)
    // --now
    #expect(objection(try report(mailed: 1), closed: nil, now: nil) == nil)
  }

  @Test("never while it is the active one, or something that is stored is under it") func never() throws {
    #expect(objection(try report(), id: 9, now: nil)?.contains("seals with") == true)
    #expect(objection(try report(secrets: 1), now: nil)?.contains("1 authenticators and 0 recovery codes") == true)
    #expect(objection(try report(recovery: 2), now: nil)?.contains("0 authenticators and 2 recovery codes") == true)
  }

  @Test("and no other reply is taken for what the daemon has counted") func replies() {
    #expect(KeyReport(.no("stopped")) == nil)
    #expect(KeyReport(.ok("keys", [Field("active", "x")])) == nil)
  }
}
