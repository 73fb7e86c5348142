import Dispatch
import Fixtures
import SignIn
import Testing

@testable import Directory

@Suite("Accounts by the page") struct SelectionTests {
  private static let count = 1_203

  private static func fill(_ slapd: Slapd) throws {
    try slapd.add((0..<count).map { Slapd.account("u\($0)", ["drawbridgeIdleSince: 20200101000000Z"]) }.joined())
  }

  @Test("are handed over once each, also where they leave the selection on the way")
  func all() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try Self.fill(slapd)
      var seen: Set<String> = []
      let count = try await directory.forEach(.idle(since: today)) { account throws(DirectoryError) in
        seen.insert(account.uid ?? "")
        return try await directory.apply(.deactivate(account, .inactivity, at: today, cutoff: today)) == .applied
      }
      #expect(count == Self.count)
      #expect(seen.count == Self.count)
      #expect(try await directory.forEach(.idle(since: today)) { _ in true } == 0)
      #expect(try await directory.forEach(.all) { _ in true } == Self.count)
    }
  }

  @Test("end where nobody wants more")
  func stops() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try Self.fill(slapd)
      var left = 600
      let count = try await directory.forEach(.all) { _ in
        left -= 1
        return left > 0
      }
      #expect(count == 600)
    }
  }

  @Test("may take slapd longer than one operation: it looks at every entry for one of few")
  func slowPage() async throws {
    try await Slapd.with { slapd in
      try Self.fill(slapd)
      let directory = try openDirectory([Server(uri: slapd.uri, identity: .external, operationSeconds: 0.5)])
      var left = Self.count
      let count = try await directory.forEach(.all) { _ in
        left -= 1
        if left == Self.count - 1 {
          slapd.freeze()
          DispatchQueue.global().asyncAfter(deadline: .now() + 1.5) { slapd.thaw() }
        }
        return true
      }
      #expect(count == Self.count)
      await directory.close()
    }
  }

  @Test("under slapd's own limit of 500 are an error that names the file to load, not an early end")
  func limited() async throws {
    var options = Slapd.Options()
    options.leavesOut = ["limits"]
    try await Slapd.withAccounts(options) { slapd, directory in
      try Self.fill(slapd)
      await #expect { _ = try await directory.forEach(.all) { _ in true } } throws: {
        guard case DirectoryError.unsuitable(let text) = $0 else { return false }
        return text.contains("schema/limits")
      }
    }
  }

  @Test("are no more than four at a time")
  func reserved() async throws {
    try await Slapd.withAccounts { slapd, directory in
      try slapd.add(Slapd.account("jdoe"))
      let held = try await (0..<4).asyncMap { _ in try await directory.servers.reserve() }
      await #expect(throws: DirectoryError.busy) { _ = try await directory.forEach(.all) { _ in true } }
      for one in held { await directory.servers.release(one) }
      #expect(try await directory.forEach(.all) { _ in true } == 1)
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ make: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await make(element)) }
    return values
  }
}
