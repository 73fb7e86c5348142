import Fixtures
import Foundation
import Synchronization
import Testing

/// OP-09: nothing that was answered is lost, and nothing is half done, whenever the daemon dies.
@Suite("A daemon that is killed", .serialized) struct DaemonKilledTests {
  /// TH-07.
  @Test("after four wrong answers lets a fifth through, and then the factor rests", arguments: Guess.allCases)
  func fifthCounts(guess: Guess) async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      func wrong() throws -> String {
        let client = try house.daemon.client()
        let asked = try guess.open(client, person)
        guard asked.hasPrefix("ASK") else { return asked }
        return try client.send(guess.wrongAnswer(person, at: house.daemon.time))
      }
      let client = try house.daemon.client()
      _ = try guess.open(client, person)
      for left in [4, 3, 2, 1] {
        let reply = try client.send(guess.wrongAnswer(person, at: house.daemon.time))
        #expect(reply.contains(" refused=wrong left=\(left) "))
      }
      try house.daemon.kill()
      try house.daemon.start()
      #expect(try wrong().contains(" refused=wrong left=4 "))
      #expect(try wrong().hasPrefix("NO locked after="))
      try house.daemon.kill()
      try house.daemon.start()
      #expect(try wrong().hasPrefix("NO locked after="))
      #expect(try house.slapd.inARow(guess.attribute, of: person) == 5)
    }
  }

  /// FL-04. The message that it dies at goes nowhere: a request was never made, a result is of a change that is applied.
  @Test("at any message of a first-time login leaves an entry that is untouched or complete, and a way on")
  func firstLogin() async throws {
    let settings = "[code]\ncooldown = \"0s\"\n[password]\nmemory-kib = 64\npasses = 1\n"
    try await FaultyHouse.with(settings: settings, hasOwnClock: true) { house in
      var seen: [Slapd.Enrolment] = []
      for number in 1... {
        let person = Person("user\(number)")
        try house.slapd.invite(person)
        house.killDaemon(atMessage: number)
        var enrolling: Enrolling?
        do {
          let flow = try Enrolling(person, on: house.daemon, house.mail, code: 1)
          enrolling = flow
          let reply = try flow.client.send(flow.line(at: house.daemon.time))
          #expect(reply.hasPrefix("OK signed-in"), "\(number): \(reply)")
          #expect(house.daemon.isAlive)
          break
        } catch { try Fixtures.await("the daemon's end: \(error)") { house.daemon.isAlive ? nil : true } }
        house.proxy.passAll()
        let left = try house.slapd.enrolment(of: person)
        seen.append(left)
        #expect(left != .half, "\(number)")
        try house.daemon.start()
        if left == .complete {
          try house.daemon.moveClock(by: 30)
          #expect(try enrolling?.signsIn(person, on: house.daemon) == true)
        } else {
          let mails = house.mail.messages(to: person.mail).count
          let again = try Enrolling(person, on: house.daemon, house.mail, code: mails + 1)
          #expect(try again.client.send(again.line(at: house.daemon.time)).hasPrefix("OK signed-in"))
        }
      }
      // Two changes before the last one, with their answers, and what is read for them.
      #expect(seen.count >= 8)
      #expect(seen.contains(.complete) && seen.contains(.untouched))
    }
  }
}

extension FaultyHouse {
  /// The daemon dies at the `number`th message, in either direction, between it and slapd from now on.
  fileprivate func killDaemon(atMessage number: Int) {
    let seen = Mutex(0)
    proxy.setRule { [daemon] _ in
      let count = seen.withLock { seen in
        seen += 1
        return seen
      }
      if count == number { try? daemon.kill() }
      return count < number ? .pass : .cut
    }
  }
}
