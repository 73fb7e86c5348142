import SignIn
import Testing

@Suite("Sessions that were signed out") struct EndedSessionsTests {
  private static let now = Timestamp(seconds: 1_800_000_000)
  private static let id = [UInt8](repeating: 0xA5, count: 15) + [0x0F]

  @Test("are known by their id, whatever time stands beside it")
  func contains() {
    let value = EndedSessions.value(id: Self.id, ends: Self.now)
    #expect(String(decoding: value, as: UTF8.self) == "20270115080000.000000Z a5a5a5a5a5a5a5a5a5a5a5a5a5a5a50f")
    #expect(EndedSessions(stored: [value]).contains(Self.id))
    #expect(!EndedSessions(stored: [value]).contains([0x0F]))
    #expect(!EndedSessions().contains(Self.id))
    let moved = Array("20990101000000Z".utf8) + value.dropFirst(22)
    #expect(EndedSessions(stored: [moved]).contains(Self.id))
  }

  @Test("are kept for ten minutes after their end, for clocks that are behind; what is no such value is not kept")
  func outdated() {
    #expect(EndedSessions.keptSeconds == 600)
    let ends = Self.now.adding(seconds: -EndedSessions.keptSeconds)
    let kept = EndedSessions.value(id: Self.id, ends: ends.adding(seconds: 1))
    let old = EndedSessions.value(id: Self.id, ends: ends)
    let odd = [Array("".utf8), Array("a5a5".utf8), Array("20990101000000 a5".utf8)]
    let all = EndedSessions(stored: [kept, old] + odd)
    #expect(Set(all.outdated(at: Self.now)) == Set([old] + odd))
    #expect(EndedSessions(stored: [old] + odd) == EndedSessions(stored: odd.reversed() + [old]))
  }

  @Test("are 32 at the most, and old ones do not count")
  func full() {
    func values(_ count: Int, ending seconds: Int64) -> [[UInt8]] {
      (0..<count).map { EndedSessions.value(id: [UInt8($0)], ends: Self.now.adding(seconds: seconds)) }
    }
    #expect(EndedSessions.countMax == 32)
    #expect(EndedSessions(stored: values(32, ending: 60)).isFull(at: Self.now))
    #expect(!EndedSessions(stored: values(31, ending: 60)).isFull(at: Self.now))
    #expect(!EndedSessions(stored: values(31, ending: 60) + values(40, ending: -3600)).isFull(at: Self.now))
  }
}
