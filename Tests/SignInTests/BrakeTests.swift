import Testing

@testable import SignIn

@Suite("The brake of the sweep") struct BrakeTests {
  private let now = Timestamp(seconds: 1_795_507_200)
  private static let day: Int64 = 86_400

  private func objection(
    directory: Int64? = nil, lastSweep: Int64? = nil, interval: Int64? = BrakeTests.day
  ) -> Brake.Reason? {
    Brake(intervalSeconds: interval).objection(
      to: Brake.Clocks(
        own: now, directory: directory.map { now.adding(seconds: $0) },
        lastSweep: lastSweep.map { now.adding(seconds: $0) }
      ))
  }

  @Test(
    "the directory's clock may be a day away, either way",
    arguments: [(0, nil), (86_400, nil), (-86_400, nil), (86_401, .directoryClock), (-86_401, .directoryClock)]
      as [(Int64, Brake.Reason?)])
  func directory(ahead: Int64, reason: Brake.Reason?) { #expect(objection(directory: ahead) == reason) }

  @Test(
    "the last sweep lies no more than a day ahead, and no longer ago than the interval and a day",
    arguments: [
      (0, nil), (86_400, nil), (86_401, .lastSweepAhead), (-172_800, nil), (-172_801, .lastSweepOld),
    ] as [(Int64, Brake.Reason?)])
  func lastSweep(ahead: Int64, reason: Brake.Reason?) { #expect(objection(lastSweep: ahead) == reason) }

  @Test("without an interval no sweep was missed; without a last sweep there is nothing to say")
  func unknown() {
    #expect(objection(lastSweep: -1_000_000_000, interval: nil) == nil)
    #expect(objection(lastSweep: -1_000_000_000, interval: .max) == nil)
    #expect(objection() == nil)
    #expect(objection(directory: 100_000, lastSweep: 100_000) == .directoryClock)
  }

  @Test(
    "20 may go, or 5 % where that is more",
    arguments: [
      (0, 0, false), (20, 0, false), (20, 20, false), (21, 21, true), (21, 419, true), (21, 420, false),
      (50, 999, true), (50, 1_000, false), (Int.max, Int.max, true), (1, Int.max, false),
    ])
  func counts(due: Int, active: Int, isTooMany: Bool) {
    #expect(Brake.objection(toDeactivating: due, of: active) == (isTooMany ? .tooMany : nil))
  }

  @Test("no more are counted than are needed", arguments: [0, 1, 20, 21, 50, 99_999, Int.max])
  func needed(due: Int) {
    guard let needed = Brake.activeNeeded(for: due) else {
      #expect(Brake.objection(toDeactivating: due, of: 0) == nil)
      return
    }
    #expect(Brake.objection(toDeactivating: due, of: needed - 1) == .tooMany)
    if due < 1 << 50 { #expect(Brake.objection(toDeactivating: due, of: needed) == nil) }
  }
}
