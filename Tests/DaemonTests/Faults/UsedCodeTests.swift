import Fixtures
import Foundation
import Testing

@Suite("A refused condition", .serialized) struct UsedCodeTests {
  private static let fault = "a condition was refused although the entry is unchanged"

  private func count(_ text: String, in house: FaultyHouse) -> Int {
    house.daemon.log.components(separatedBy: text).count - 1
  }

  @Test("of one's own used code is no fault: the connection to slapd stays, and the log says nothing")
  func usedCode() async throws {
    try await FaultyHouse.with(hasOwnClock: true) { house in
      let clock = try StoppedClock(of: house.daemon)
      let person = try house.person("jdoe")
      #expect(try house.daemon.client().signIn(person, at: clock.time).hasPrefix("OK signed-in"))
      house.proxy.resetCounts()
      let client = try house.daemon.client()
      for verb in ["SIGNIN", "CHANGE", "SIGNIN"] {
        try client.send("\(verb) \(person.mail)")
        try client.send("PASSWORD \(person.password)")
        let code = try person.code(at: clock.time)
        for left in [4, 3, 2, 1] { #expect(try client.send("TOTP \(code)").contains(" refused=reused left=\(left)")) }
        #expect(try client.send("TOTP \(code)").hasPrefix("NO denied"))
      }
      #expect(house.proxy.count(of: .bindRequest) == 0)
      #expect(house.proxy.count(of: .modifyRequest) == 0)
      #expect(count(Self.fault, in: house) == 0)
    }
  }

  @Test("of an entry that is as it was read is LATER, told once a try, and costs one connection")
  func missingRight() async throws {
    try await FaultyHouse.with { house in
      let person = try house.person("jdoe")
      // Read, written and compared, but not searched: no condition on it is ever true.
      try house.slapd.put(
        "access to attrs=drawbridgeTOTPLastStep by dn.exact=\"\(Slapd.daemon)\" =wrcd by * break")
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail)")
      #expect(try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp"))
      house.proxy.resetCounts()
      for number in 1...3 {
        #expect(try client.send("TOTP \(person.code(at: house.daemon.time))").hasPrefix("LATER directory"))
        #expect(count(Self.fault, in: house) == number)
      }
      #expect(house.proxy.count(of: .modifyRequest) == 3)
      #expect(house.proxy.count(of: .bindRequest) <= 3)
      #expect(try house.slapd.entry(person).string("drawbridgeOTPTries") == nil)
    }
  }
}

extension Slapd {
  /// A rule before all others; slapd is started anew.
  fileprivate func put(_ rule: String) throws {
    let path = "\(directory)/slapd.conf"
    let include = "include \(directory)/access.conf"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacingOccurrences(of: include, with: "\(rule)\n\(include)")
      .write(toFile: path, atomically: true, encoding: .utf8)
    try kill()
    try start()
  }
}
