import Fixtures
import Foundation
import Synchronization
import Testing

@Suite("A code works once") struct OnceOnlyTests {
  @Test("64 clients send the same code at once through two daemons: one is signed in, for each of 50 accounts")
  func oneOfMany() async throws {
    try await House.with { house in
      let second = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys)
      defer { second.end() }
      let people = (0..<50).map { Person("u\($0)", secret: Array("secret-of-number-\(100 + $0)".utf8)) }
      try house.slapd.seed(people, keys: house.daemon.keys)
      let clients = try (0..<64).map { try ($0 % 2 == 0 ? house.daemon : second).client() }
      for person in people {
        inParallel(64) { index in
          _ = try? clients[index].send("SIGNIN \(person.mail)")
          _ = try? clients[index].send("PASSWORD \(person.password)")
        }
        let code = try person.code(at: house.daemon.time)
        let replies = Mutex<[String]>([])
        inParallel(64) { index in
          let reply = (try? clients[index].send("TOTP \(code)")) ?? "no answer"
          replies.withLock { $0.append(reply) }
        }
        let all = replies.withLock { $0 }
        #expect(all.filter { $0.hasPrefix("OK signed-in") }.count == 1, "\(person.uid): \(Set(all))")
        #expect(all.allSatisfy { $0.hasPrefix("OK signed-in") || $0.contains("refused=reused") }, "\(Set(all))")
      }
    }
  }

  @Test("500 wrong passwords over 50 connections: no more are evaluated than the budget holds")
  func guessesInParallel() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"5ms\"") { house in
      let person = try house.people("jdoe")[0]
      let evaluated = Mutex(0)
      inParallel(50) { index in
        guard let client = try? house.daemon.client() else { return }
        for _ in 0..<10 {
          _ = try? client.send("SIGNIN \(person.mail)")
          let reply = (try? client.send("PASSWORD guess-\(index)")) ?? ""
          if reply.contains("refused=wrong") || reply.hasPrefix("NO denied") { evaluated.withLock { $0 += 1 } }
        }
      }
      #expect(evaluated.withLock { $0 } == 5)
      #expect(try house.slapd.entry(person).string("drawbridgePasswordTries")?.hasPrefix("5 ") == true)
    }
  }
}

/// Real threads: blocking clients would starve the tests' own pool.
func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    Thread.detachNewThread {
      body(index)
      group.leave()
    }
  }
  group.wait()
}
