import Fixtures
import Foundation
import Synchronization
import Testing

/// OP-06: a daemon that is told to end finishes what is under way.
@Suite("A daemon that is to end", .serialized) struct DrainedTests {
  private static func signal(_ daemon: Daemon) { #expect(kill(daemon.pid, SIGTERM) == 0) }

  @Test("lets nobody in any more, lets a flow go on to its end, and then ends")
  func flowGoesOn() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let client = try house.daemon.client()
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      let idle = try house.daemon.client()
      Self.signal(house.daemon)
      try Fixtures.await("the end of the socket") {
        FileManager.default.fileExists(atPath: house.daemon.signin) ? nil : true
      }
      #expect(throws: (any Error).self) { try house.daemon.client() }
      // Later than any grace.
      #expect(idle.isClosed())
      #expect(house.daemon.isAlive)
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
      #expect(client.isClosed())
      try Fixtures.await("the daemon's end", within: 20) { house.daemon.isAlive ? nil : true }
    }
  }

  @Test("answers LATER to a flow that takes too long, and ends")
  func flowTakesTooLong() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      #expect(try client.send("SIGNIN jdoe@example.org").hasPrefix("ASK password"))
      Self.signal(house.daemon)
      #expect(try client.reply(within: 60).hasPrefix("LATER busy after=1"))
      #expect(client.isClosed())
      try Fixtures.await("the daemon's end", within: 30) { house.daemon.isAlive ? nil : true }
      #expect(house.daemon.log.contains("result=stopped"), "\(house.daemon.log)")
    }
  }

  @Test("ends at once when it is told a second time")
  func secondSignal() async throws {
    try await House.with { house in
      let client = try house.daemon.client()
      #expect(try client.send("SIGNIN jdoe@example.org").hasPrefix("ASK password"))
      Self.signal(house.daemon)
      try Fixtures.await("the end of the socket") {
        FileManager.default.fileExists(atPath: house.daemon.signin) ? nil : true
      }
      Self.signal(house.daemon)
      // A flow would have 22 seconds.
      #expect(client.isClosed(within: 15))
      try Fixtures.await("the daemon's end", within: 15) { house.daemon.isAlive ? nil : true }
      #expect(house.daemon.log.components(separatedBy: "ending at once").count == 2)
    }
  }

  @Test("and is started anew on sockets that are held for it refuses nobody and owes nobody a reply")
  func startedAnew() async throws {
    try await Slapd.with { slapd in
      let daemon = try Daemon(directory: slapd.uri, mailPort: nil)
      defer { daemon.end() }
      try daemon.terminate()
      let rounds = 8
      let holder = try SocketHolder(daemon, rounds: rounds)
      defer { holder.end() }
      try Fixtures.await("the first daemon") { holder.told.contains("ready") ? true : nil }
      let failures = Mutex<[String]>([])
      let served = Mutex(0)
      let threads = (0..<20).map { number in
        Thread {
          defer { served.withLock { $0 += 1_000_000 } }
          while !holder.isOver {
            do {
              let client = try LineClient(number % 4 == 0 ? daemon.admin : daemon.signin)
              let requests = number % 2 == 0 ? ["PING"] : ["SIGNIN jdoe@example.org", "CANCEL", "PING"]
              for request in requests {
                let reply = try client.send(request)
                if reply.hasPrefix("ERR") || reply.hasPrefix("LATER") {
                  failures.withLock { $0.append("\(request): \(reply)") }
                }
              }
              served.withLock { $0 += 1 }
            } catch {
              failures.withLock { $0.append("\(error)") }
            }
          }
        }
      }
      for thread in threads { thread.start() }
      try Fixtures.await("the last round", within: 180) { holder.isOver ? true : nil }
      try Fixtures.await("the last client", within: 60) {
        served.withLock { $0 } >= threads.count * 1_000_000 ? true : nil
      }
      #expect(failures.withLock { $0 } == [])
      #expect(holder.told.count { $0.hasPrefix("ended with 0") } == rounds, "\(holder.told)")
      #expect(served.withLock { $0 } % 1_000_000 > rounds)
    }
  }
}
