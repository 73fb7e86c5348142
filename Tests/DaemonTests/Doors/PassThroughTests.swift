import Fixtures
import Foundation
import Synchronization
import Testing

/// `userPassword: {SASL}login`: slapd asks the door about each bind, and the hash stands in `drawbridgePassword`.
@Suite("Binds that slapd passes through", .serialized, .enabled(if: geteuid() == 0, "slapd needs mounts of its own"))
struct PassThroughTests {
  private func passThrough(_ person: Person, as login: String, in slapd: Slapd) throws {
    let hash = try #require(try slapd.entry(person).string("userPassword"))
    try slapd.modify(
      person,
      """
      replace: userPassword
      userPassword: {SASL}\(login)
      -
      add: drawbridgePassword
      \(Slapd.line("drawbridgePassword", Array(hash.utf8)))
      """)
  }

  private func bind(_ person: Person, _ password: String, to slapd: Slapd) throws -> Int32 {
    try Command.run("ldapwhoami", ["-x", "-H", slapd.uri, "-D", person.dn, "-w", password], within: 120).status
  }

  @Test("need password and code, and each code once")
  func factors() async throws {
    try await DoorHouse.with(passesThrough: true) { house in
      let people = try house.people("jdoe", "jane")
      try passThrough(people[0], as: people[0].mail, in: house.slapd)
      try passThrough(people[1], as: "jane", in: house.slapd)
      for person in people {
        #expect(try bind(person, person.password, to: house.slapd) == 49)
        let string = try house.string(of: person)
        #expect(try bind(person, string, to: house.slapd) == 0)
        #expect(try bind(person, string, to: house.slapd) == 49)
        #expect(try house.lastEvent("service") == "ldap")
      }
      // The line protocol finds the hash where it is.
      try house.daemon.moveClock(by: 30)
      #expect(try house.daemon.client().signIn(people[0], at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }

  /// Holds back what the daemon asks slapd, for as long as it is closed.
  private final class Dam: Sendable {
    private let isClosed = Mutex(true)

    init(in proxy: FaultProxy) {
      let deadline = Date().addingTimeInterval(240)
      proxy.setRule { [self] frame in
        guard frame.operation == .searchRequest || frame.operation == .modifyRequest else { return .pass }
        while isClosed.withLock({ $0 }), Date() < deadline { usleep(10_000) }
        return .pass
      }
    }

    func open() { isClosed.withLock { $0 = false } }
  }

  @Test("take half of slapd's threads: of forty at once, eight wait, the others are refused, and a search is answered")
  func crowd() async throws {
    let patience = "operation-timeout = \"60s\"\ntotal-timeout = \"5m\"\n"
    try await DoorHouse.with(passesThrough: true, directorySettings: patience) { house in
      let people = (0..<40).map { Person("user\($0)", secret: Array("secret of user \($0)".utf8)) }
      try house.slapd.seed(people, keys: house.daemon.keys)
      for person in people { try passThrough(person, as: person.uid, in: house.slapd) }
      let clock = try StoppedClock(of: house.daemon)
      let strings = try people.map { $0.password + (try $0.code(at: clock.time)) }
      let dam = Dam(in: house.proxy)
      defer { dam.open() }
      let results = Mutex<[Int32]>([])
      for (person, string) in zip(people, strings) {
        Thread {
          let status = (try? bind(person, string, to: house.slapd)) ?? -1
          results.withLock { $0.append(status) }
        }.start()
      }
      try Fixtures.await("thirty-two answers", within: 55) { results.withLock { $0.count >= 32 ? true : nil } }
      #expect(results.withLock { $0 } == [Int32](repeating: 49, count: 32))
      // Eight of sixteen threads wait for the daemon, and the daemon for slapd.
      #expect(try house.slapd.search("(uid=user7)").count == 1)
      #expect(results.withLock(\.count) == 32)
      dam.open()
      try Fixtures.await("the others", within: 120) { results.withLock { $0.count == 40 ? true : nil } }
      #expect(results.withLock { $0.count { $0 == 0 } } == 8)
      #expect(house.events.count { $0.contains(" result=busy ") } == 32)
    }
  }

  @Test("are refused, and nothing is counted, while the daemon cannot tell")
  func later() async throws {
    try await DoorHouse.with(passesThrough: true) { house in
      let person = try house.person()
      try passThrough(person, as: person.mail, in: house.slapd)
      let string = try house.string(of: person)
      house.proxy.setRule { $0.operation == .searchRequest ? .answer(code: 52) : .pass }
      #expect(try house.answer(person.mail, string) == "NO directory")
      #expect(try house.lastEvent("result") == "later")
      #expect(try bind(person, string, to: house.slapd) == 49)
      house.proxy.passAll()
      // A sign-in whose answer is lost is settled before anything is said.
      house.proxy.set(.loseAnswer, at: .modifyRequest)
      #expect(try bind(person, string, to: house.slapd) == 0)
      #expect(try house.lastEvent("result") == "signed-in")
    }
  }
}
