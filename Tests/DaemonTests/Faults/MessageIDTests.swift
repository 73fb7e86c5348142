import Fixtures
import Synchronization
import Testing

/// LD-09: answers belong to their request by message id (RFC 4511, section 4.1.1.1), and an entry to its login.
@Suite("A message id", .serialized) struct MessageIDTests {
  private static let secret = [UInt8](repeating: 0x5A, count: 20)

  @Test("that is another request's never brings another user's entry")
  func swapped() async throws {
    try await FaultyHouse.with { house in
      let people = [("alice", "Her-0wn-Phrase"), ("bob", "His-0wn-Phrase")].map {
        Person($0, password: $1, secret: Self.secret)
      }
      try house.slapd.seed(people, keys: house.daemon.keys)
      let alice = try Walker(.signIn, in: house, people[0])
      let bob = try Walker(.signIn, in: house, people[1])
      try alice.goOn()
      try bob.goOn()
      // Alice's search is held back; the answer to Bob's comes under its id.
      let held = Mutex<Int?>(nil)
      house.proxy.setRule { frame in
        switch frame.operation {
        case .searchRequest where frame.holds("alice@"):
          held.withLock { $0 = frame.id }
          return .drop
        case .searchEntry, .searchDone:
          return held.withLock { $0 }.map { .replace([frame.numbered($0)]) } ?? .pass
        default: return .pass
        }
      }
      try alice.client.write(Array("PASSWORD \(people[1].password)\n".utf8))
      try Fixtures.await("Alice's search") { held.withLock { $0 } }
      let other = try bob.send("PASSWORD \(people[1].password)")
      let reply = try alice.client.reply(within: 15)
      #expect(reply.hasPrefix("ASK password echo=off refused=wrong") || reply.hasPrefix("LATER"), "\(reply)")
      #expect(other.hasPrefix("ASK totp") || other.hasPrefix("LATER"), "\(other)")
      house.proxy.passAll()
      #expect(try house.charges("drawbridgePasswordTries", of: people[1]) == nil)
      while !bob.isOver { try bob.goOn() }
      #expect(bob.reply.hasPrefix("OK signed-in login=bob%40"))
    }
  }

  @Test("that comes twice, or that nobody asked for, disturbs nobody", arguments: [0, 1, 1000])
  func repeated(distance: Int) async throws {
    try await FaultyHouse.with { house in
      let people = try house.people((1...6).map { "user\($0)" })
      house.proxy.setRule { frame in
        switch frame.operation {
        // A search that brings an entry twice is another matter: it is ambiguous.
        case .searchEntry where distance > 0: .replace([frame, frame.numbered(frame.id + distance)])
        case .searchDone, .modifyResponse:
          .replace([frame, frame.numbered(frame.id + distance), frame.numbered(frame.id)])
        default: .pass
        }
      }
      for person in people {
        let walker = try Walker(.signIn, in: house, person)
        while !walker.isOver { try walker.goOn() }
        #expect(walker.reply.hasPrefix("OK signed-in login=\(person.uid)%40"), "\(walker.reply)")
      }
      #expect(house.daemon.isAlive)
    }
  }
}
