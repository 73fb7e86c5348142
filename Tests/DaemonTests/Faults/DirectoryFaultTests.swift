import Fixtures
import Foundation
import Secrets
import Testing

/// LD-07: what a directory server, or the way to it, does wrong costs a `LATER` in time, or the next server serves.
@Suite("A directory that fails", .serialized) struct DirectoryFaultTests {
  /// How the daemon speaks to its servers.
  enum Way: Sendable { case plain, ldaps, startTLS }

  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let way: Way
    let manner: @Sendable (FaultyHosts) throws -> FaultyPort.Manner
  }

  static let faults: [Fault] = [
    Fault(testDescription: "that refuses connections", way: .plain) { _ in .refuses },
    Fault(testDescription: "that resets connections", way: .plain) { _ in .resets },
    Fault(testDescription: "that accepts, and is silent", way: .plain) { _ in .silent },
    Fault(testDescription: "whose host is gone", way: .plain) { _ in .blackHole },
    Fault(testDescription: "that drips", way: .plain) { .drips(from: $0.port(.plain)) },
    Fault(testDescription: "that begins no handshake", way: .ldaps) { _ in .silent },
    Fault(testDescription: "whose handshake drips", way: .ldaps) { .drips(from: $0.port(.ldaps)) },
    Fault(testDescription: "that resets handshakes", way: .ldaps) { _ in .resets },
    Fault(testDescription: "with a certificate of another name", way: .ldaps) {
      .leads(to: try $0.stranger("misnamed"))
    },
    Fault(testDescription: "with a certificate of another authority", way: .ldaps) {
      .leads(to: try $0.stranger("foreign"))
    },
    Fault(testDescription: "with an expired certificate", way: .ldaps) { .leads(to: try $0.stranger("expired")) },
    Fault(testDescription: "that knows no StartTLS", way: .startTLS) { .leads(to: try $0.stripped(code: 2)) },
    Fault(testDescription: "that is unwilling to StartTLS", way: .startTLS) { .leads(to: try $0.stripped(code: 53)) },
    Fault(testDescription: "without TLS for StartTLS", way: .startTLS) { .leads(to: try $0.stripped(code: 52)) },
    Fault(testDescription: "that goes on in the clear after StartTLS", way: .startTLS) {
      .leads(to: try $0.stripped(code: 0))
    },
  ]

  @Test("and is the only one costs a LATER in time, and nothing once it is well again", arguments: faults)
  func alone(fault: Fault) async throws {
    try await FaultyHosts.with(fault.way) { hosts in
      let daemon = try hosts.daemon(uris: [hosts.uri(of: hosts.faulty.port)])
      defer { daemon.end() }
      let person = try hosts.person("jdoe", of: daemon)
      let client = try daemon.client()
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      try hosts.faulty.become(fault.manner(hosts))
      for _ in 0..<2 {
        let reply = try client.send("PASSWORD \(person.password)", within: 15)
        #expect(reply.hasPrefix("LATER directory after="), "\(reply)")
      }
      #expect(!hosts.sawPassword)
      try hosts.faulty.become(.leads(to: hosts.port(fault.way)))
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("OK signed-in"))
    }
  }

  @Test("and is the first of two leaves the work to the second", arguments: faults)
  func firstOfTwo(fault: Fault) async throws {
    try await FaultyHosts.with(fault.way) { hosts in
      let second = hosts.uri(of: hosts.port(fault.way))
      let daemon = try hosts.daemon(uris: [hosts.uri(of: hosts.faulty.port), second])
      defer { daemon.end() }
      let person = try hosts.person("jdoe", of: daemon)
      let client = try daemon.client()
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
      #expect(try daemon.adminClient().send("STATUS").contains(" failovers=0"))
      try hosts.faulty.become(fault.manner(hosts))
      #expect(try client.send("PASSWORD \(person.password)", within: 15).hasPrefix("ASK totp"))
      #expect(!hosts.sawPassword)
      let status = try daemon.adminClient().send("STATUS")
      #expect(status.contains(" servers=2 ") && status.contains(" failovers=1"), "\(status)")
      // A code that the first may have taken waits; one that it cannot have taken does not.
      #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("LATER directory after="))
      try daemon.moveClock(by: 61)
      #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("OK signed-in"))
    }
  }

  /// A daemon whose first server is a proxy before the second, and a client at the prompt for the password.
  private struct ProxiedHouse {
    let slapd: Slapd
    let proxy: FaultProxy
    let daemon: Daemon
    let client: LineClient
    let person: Person

    init(hasOwnClock: Bool = false) throws {
      slapd = try Slapd()
      proxy = try FaultProxy(to: slapd.socket)
      daemon = try Daemon(directory: "\(proxy.uri) \(slapd.uri)", mailPort: nil, hasOwnClock: hasOwnClock)
      person = try Person("jdoe", secret: SystemRandom.bytes(20))
      try slapd.seed([person], keys: daemon.keys)
      client = try daemon.client()
      #expect(try client.send("SIGNIN \(person.mail)").hasPrefix("ASK password"))
    }

    func end() {
      daemon.end()
      proxy.end()
      slapd.remove()
    }
  }

  /// Answers of a server that is there, and says no. Of a change that was certainly not made, so it may be made elsewhere.
  @Test(
    "by its answers leaves the work to the second, or costs a LATER",
    arguments: [
      (UInt8(10), true), (53, true),  // referral and unwillingToPerform: a copy, or read-only
      (52, true),  // unavailable
      (51, false),  // busy: it is the provider still
    ])
  func answers(code: UInt8, isLeft: Bool) async throws {
    let house = try ProxiedHouse(hasOwnClock: true)
    defer { house.end() }
    let (slapd, proxy, daemon, client, person) = (house.slapd, house.proxy, house.daemon, house.client, house.person)
    #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
    proxy.setRule { $0.operation == .modifyRequest ? .answer(code: code) : .pass }
    #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("LATER directory after="))
    let status = try daemon.adminClient().send("STATUS")
    #expect(status.contains(isLeft ? " failovers=1" : " failovers=0"), "\(status)")
    try daemon.moveClock(by: 61)
    let reply = try client.send("TOTP \(person.code(at: daemon.time))")
    #expect(reply.hasPrefix(isLeft ? "OK signed-in" : "LATER directory after="), "\(reply)")
    proxy.passAll()
    if !isLeft {
      #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("OK signed-in"))
    }
    #expect(try slapd.entry(person).string("drawbridgeOTPTries") == nil)
  }

  @Test("each time that it is asked, though it looks fit, is not asked again at once")
  func stalls() async throws {
    let house = try ProxiedHouse()
    defer { house.end() }
    let (proxy, daemon, client, person) = (house.proxy, house.daemon, house.client, house.person)
    let login = Data(person.mail.utf8)
    proxy.setRule { Data($0.bytes).range(of: login) == nil ? .pass : .drop }
    let reply = try client.send("PASSWORD \(person.password)", within: 20)
    #expect(reply.hasPrefix("ASK totp"), "\(reply)")
    #expect(try daemon.status().contains(" failovers=1"))
  }

  @Test("one change alone is none: the first server stays in use")
  func oneRefusal() async throws {
    let house = try ProxiedHouse()
    defer { house.end() }
    let (proxy, daemon, client, person) = (house.proxy, house.daemon, house.client, house.person)
    #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
    proxy.set(.answer(code: 53), at: .modifyRequest, number: 1)
    #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("LATER directory after="))
    #expect(try client.send("TOTP \(person.code(at: daemon.time))").hasPrefix("OK signed-in"))
    #expect(try daemon.adminClient().send("STATUS").contains(" failovers=0"))
  }
}
