import Fixtures
import Foundation
import Synchronization
import Testing

/// TH-01: however many guess at once, no more are evaluated than the budget holds, and one more for a further daemon.
@Suite("Guesses in parallel", .serialized) struct ParallelGuessTests {
  private static let settings = "[limits]\nrefusal-floor = \"5ms\""
  private static let connections = 50
  private static let rounds = 10

  @Test(
    "of 500 over 50 connections no more are evaluated than the budget holds, and each of them is charged",
    arguments: [(Guess.authenticator, 1), (.forgot, 1), (.password, 2), (.authenticator, 2), (.forgot, 2)])
  func storm(guess: Guess, daemons count: Int) async throws {
    try await House.with(settings: Self.settings) { house in
      let further = try (1..<count).map { _ in
        try Daemon(
          directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys, settings: Self.settings)
      }
      defer { for daemon in further { daemon.end() } }
      let daemons = [house.daemon] + further
      let person = try house.people("jdoe")[0]
      let clients = try (0..<Self.connections).map { try daemons[$0 % count].client() }
      // All stand before the question, having read the account while its budget was full.
      inParallel(Self.connections) { index in _ = try? guess.open(clients[index], person) }

      let wrong = guess.wrongAnswer(person, at: house.daemon.time)
      let begun = Date()
      let replies = Mutex<[String]>([])
      inParallel(Self.connections) { index in
        let client = clients[index]
        for round in 0..<Self.rounds {
          var reply = "ASK"
          if round > 0 { reply = (try? guess.open(client, person)) ?? "no answer" }
          if reply.hasPrefix("ASK") { reply = (try? client.send(wrong)) ?? "no answer" }
          replies.withLock { $0.append(reply) }
        }
      }
      let all = replies.withLock { $0 }
      let evaluated = all.filter(Guess.isEvaluated).count
      let allowed = guess.allowed(after: Date().timeIntervalSince(begun))
      #expect((Guess.budget...allowed + count - 1).contains(evaluated))
      #expect(all.count - evaluated == all.filter { $0.hasPrefix("NO locked after=") }.count, "\(Set(all))")
      #expect(try house.slapd.inARow(guess.attribute, of: person) == evaluated)
      #expect(try house.slapd.remembered(guess.attribute, of: person) == evaluated)
    }
  }

  /// TH-06.
  @Test("of one person that are all right are no attack: ten go on, and each signs in with a code of its own")
  func rightPasswords() async throws {
    try await House.with(settings: Self.settings, hasOwnClock: true) { house in
      let person = try house.people("jdoe")[0]
      let clients = try (0..<10).map { _ in try house.daemon.client() }
      for client in clients { #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password")) }
      let replies = Mutex<[String]>([])
      inParallel(clients.count) { index in
        let reply = (try? clients[index].send("PASSWORD \(person.password)")) ?? "no answer"
        replies.withLock { $0.append(reply) }
      }
      let all = replies.withLock { $0 }
      #expect(all.allSatisfy { $0.hasPrefix("ASK totp digits=6 period=30 echo=on :") }, "\(Set(all))")
      #expect(try house.slapd.entry(person).string("drawbridgePasswordTries") == nil)
      for client in clients {
        #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
        try house.daemon.moveClock(by: 30)
      }
    }
  }
}
