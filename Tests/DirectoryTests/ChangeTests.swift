import Fixtures
import Foundation
import Secrets
import SignIn
import Testing

@testable import Directory

/// One decision, one MODIFY: on a real slapd, with each part of each condition broken in turn.
@Suite("Conditional changes", .serialized) struct ChangeTests {
  /// What Drawbridge and the administrator care for: not the operational attributes that every write moves.
  private func held(_ slapd: Slapd, _ uid: String) throws -> [String: [Data]] {
    let entry = try slapd.entry(Slapd.dn(uid)) ?? [:]
    let moving = ["modifytimestamp", "entrycsn", "modifiersname", "pwdchangedtime"]
    return entry.filter { !moving.contains($0.key) }
  }

  private func difference(_ before: [String: [Data]], _ after: [String: [Data]]) -> [String: String?] {
    var result: [String: String?] = [:]
    for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
      result[name] = .some(after[name]?.first.map { String(decoding: $0, as: UTF8.self) })
    }
    return result
  }

  private func breaks(_ change: ChangeCase, ppolicy: Bool) -> [ChangeCase.Break] {
    change.breaks.filter { ppolicy || !$0.needsPolicy }
  }

  private func slapd(ppolicy: Bool, _ change: ChangeCase, _ body: (Slapd, AccountDirectory) async throws -> Void)
    async throws
  {
    guard ppolicy || !change.needsPolicy else { return }
    var options = Slapd.Options()
    options.ppolicy = ppolicy
    try await Slapd.withAccounts(options, body)
  }

  @Test("a change is applied as a whole when its condition holds", arguments: ChangeCase.all, [false, true])
  func applies(change: ChangeCase, ppolicy: Bool) async throws {
    try await slapd(ppolicy: ppolicy, change) { slapd, directory in
      try slapd.add(Slapd.account("jdoe", change.entry))
      let request = change.make(try await directory.unsettled("jdoe"))
      let before = try held(slapd, "jdoe")
      #expect(try await directory.apply(request) == .applied)
      var left = difference(before, try held(slapd, "jdoe"))
      for (name, value) in change.leaves where value == ChangeCase.any {
        #expect((left[name] ?? nil) != nil)
        left[name] = ChangeCase.any
      }
      #expect(left == change.leaves.merging(ppolicy ? change.lockLeaves : [:]) { $1 })
    }
  }

  @Test(
    "a change leaves the entry untouched when one part of its condition fails", arguments: ChangeCase.all,
    [false, true])
  func refuses(change: ChangeCase, ppolicy: Bool) async throws {
    try await slapd(ppolicy: ppolicy, change) { slapd, directory in
      for (number, broken) in breaks(change, ppolicy: ppolicy).enumerated() {
        let uid = "u\(number)"
        try slapd.add(Slapd.account(uid, change.entry))
        let request = change.make(try await directory.unsettled(uid))
        try slapd.modify("dn: \(Slapd.dn(uid))\nchangetype: modify\n\(broken.lines)\n")
        let before = try held(slapd, uid)
        let outcome = try await directory.apply(request)
        guard case .refused(let fresh) = outcome else {
          Issue.record("\(broken.name): applied")
          continue
        }
        let isAlone = difference(before, try held(slapd, uid)).isEmpty
        #expect(isAlone == !broken.isGesture, "\(broken.name)")
        #expect(fresh == (try await directory.unsettled(uid)), "\(broken.name)")
        if broken.isGesture { #expect(fresh?.standing != .deactivated, "\(broken.name)") }
      }
    }
  }

  @Test("a change of an entry that is gone is refused; one that was renamed is found by its entryUUID")
  func followsEntry() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("gone") + Slapd.account("jdoe"))
      let (gone, jdoe) = (try await directory.unsettled("gone"), try await directory.unsettled("jdoe"))
      try slapd.modify("dn: \(gone.dn)\nchangetype: delete\n")
      try slapd.modify("dn: \(jdoe.dn)\nchangetype: modrdn\nnewrdn: uid=jdoe2\ndeleteoldrdn: 1\n")
      #expect(try await directory.apply(.startClock(gone, at: today)) == .refused(nil))
      guard case .refused(let moved) = try await directory.apply(.startClock(jdoe, at: today)) else {
        Issue.record("applied to an entry that is not there")
        return
      }
      #expect(moved?.dn == Slapd.dn("jdoe2"))
      #expect(moved?.id == jdoe.id)
      // Deleted and made again, it is another account.
      try slapd.add(Slapd.account("gone"))
      #expect(try await directory.account(again: gone) == nil)
    }
  }

  @Test(
    "of many at once, one is applied",
    arguments: ["signIn", "firstLogin", "enrol", "useStep", "useMailedCode", "charge"])
  func admitsOne(name: String) async throws {
    let change = try #require(ChangeCase.all.first { $0.name == name })
    try await Slapd.withAccounts { slapd, directory in
      let other = try openDirectory(slapd)
      for round in 0..<8 {
        try slapd.add(Slapd.account("u\(round)", change.entry))
        let account = try await directory.unsettled("u\(round)")
        let applied = try await withThrowingTaskGroup(of: Bool.self) { group in
          for racer in 0..<16 {
            group.addTask {
              try await (racer.isMultiple(of: 2) ? directory : other).apply(change.make(account)) == .applied
            }
          }
          return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(applied == 1)
      }
      await other.close()
    }
  }

  @Test("an authenticator's secret is sealed for its entry alone")
  func seals() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("jdoe", ["userPassword: x"]))
      let account = try await directory.unsettled("jdoe")
      let secret = Secret(Array("12345678901234567890".utf8))
      #expect(try await directory.apply(.enrol(account, Enrolment(secret, step: 1), at: today)) == .applied)
      let sealed = try #require(try await directory.account("jdoe")?.sealedSecret)
      let (name, id) = ("drawbridgeTOTPSecret", account.id.bytes)
      #expect(try directory.keys.open(sealed, entryUUID: id, attribute: name) == secret)
      #expect(throws: SealFailure.self) {
        try directory.keys.open(sealed, entryUUID: Array("another".utf8), attribute: name)
      }
    }
  }
}
