import Fixtures
import SignIn
import Testing

@testable import Directory

@Suite("A directory that takes the place of another", .serialized) struct SuccessionTests {
  /// Long after the fence of today.
  private func later(_ account: Account) -> Change { .useStep(account, step: today.seconds / 30 + 100) }

  @Test("leaves it no code where it uses another server, and whatever else was begun there")
  func otherServer() async throws {
    try await Slapd.withAccounts { first, former in
      try await Slapd.withAccounts { second, successor in
        try first.add(Slapd.account("jdoe"))
        try second.add(Slapd.account("jdoe"))
        let account = try await former.unsettled("jdoe")
        await successor.succeed(former)
        await #expect(throws: DirectoryError.fenced(seconds: 60)) { _ = try await former.apply(later(account)) }
        let charged = try await former.apply(.charging(account, .password, at: today))
        #expect(charged == .applied)
        let there = try await successor.unsettled("jdoe")
        let step = today.seconds / 30 + 1
        await #expect(throws: DirectoryError.fenced(seconds: 60)) {
          _ = try await successor.apply(.useStep(there, step: step))
        }
        let used = try await successor.apply(later(there))
        #expect(used == .applied)
      }
    }
  }

  @Test("leaves it everything where it uses the same one")
  func sameServer() async throws {
    try await Slapd.withAccounts { slapd, former in
      try slapd.add(Slapd.account("jdoe"))
      let account = try await former.unsettled("jdoe")
      let successor = try openDirectory(slapd)
      await successor.succeed(former)
      let used = try await former.apply(later(account))
      #expect(used == .applied)
      await successor.close()
    }
  }
}
