import Fixtures
import Foundation
import Secrets
import Testing

/// EC-08: `mail` is a value that somebody wrote into a directory. slapd takes any ASCII there.
@Suite("A stored mail address", .serialized) struct MailAddressTests {
  static let unusable = [
    "a@b\r\nBcc: x@y", "a@b\nBcc: x@y", "a@b\rBcc: x@y", "a@b>\r\nRCPT TO:<x@y", "a@b\r\nDATA\r\n.\r\n", "a@b\0x@y",
    "-OQueueDirectory=/tmp@x", "-t@x", "a@b,x@y", "a@b, x@y", "a@b;x@y", "a@b x@y", "<a@b>,<x@y>", "a@b@x@y",
    "Jane <a@b>", "\"a b\"@x", "a@[127.0.0.1]", "(x@y)a@b", "a@b\u{1B}[2J", "a", "@", "a@", "@b", "|/bin/sh@x\\",
  ]

  @Test("that is none, or more than one, gets no mail; the daemon says so and goes on")
  func unusableAddresses() async throws {
    try await House.with(settings: "[limits]\nrefusal-floor = \"0s\"\n") { house in
      for (number, address) in Self.unusable.enumerated() {
        let invited = Person("invited\(number)")
        let active = try Person("active\(number)", secret: SystemRandom.bytes(20))
        try house.slapd.seed([invited, active], keys: house.daemon.keys, hasPassword: false)
        for person in [invited, active] {
          try house.slapd.modify(person, "replace: mail\n\(Slapd.line("mail", Data(address.utf8)))\n")
        }
        for person in [invited, active] {
          let client = try house.daemon.client()
          let reply = try client.send("FIRST \(person.uid)")
          #expect(
            reply == "ASK code expires=300 digits=6 echo=on :" + Self.text, "\(address.debugDescription): \(reply)")
          #expect(try client.send("PING") == "OK pong")
        }
        let told = try Fixtures.await("two lines in the log") {
          let lines = house.daemon.log.split(separator: "\n").filter { $0.contains("a mail could not be written") }
          return lines.count == 2 * (number + 1) ? lines : nil
        }
        #expect(told.allSatisfy { $0.contains("error") })
      }
      #expect(try house.recipients() == [])
      #expect(house.daemon.isAlive)
      // No value wrote a line of its own into the log.
      #expect(
        house.daemon.log.split(separator: "\n").allSatisfy { $0.first?.isNumber == true && !$0.contains("\u{1B}") })
    }
  }

  private static let text = "Verification code has been sent. Please copy it to the input box below."

  @Test("that is unusable for mail signs in by another name, and stays on its line")
  func signsIn() async throws {
    try await House.with { house in
      for (number, address) in Self.unusable.enumerated() {
        let person = try house.people("jdoe\(number)")[0]
        try house.slapd.modify(person, "replace: mail\n\(Slapd.line("mail", Data(address.utf8)))\n")
        let client = try house.daemon.client()
        try client.send("SIGNIN \(person.uid)")
        try client.send("PASSWORD \(person.password)")
        let reply = try client.send("TOTP \(person.code(at: house.daemon.time))")
        #expect(reply.hasPrefix("OK signed-in login="), "\(reply)")
        #expect(reply.utf8.allSatisfy { (0x20...0x7E).contains($0) } && reply.contains(" uid=\(person.uid) "))
        let admin = try house.daemon.adminClient()
        let shown = try admin.send("SHOW \(person.uid)")
        #expect(shown.hasPrefix("OK account login=") && shown.contains(" uid=\(person.uid) "), "\(shown)")
        #expect(try client.send("PING") == "OK pong")
        #expect(try admin.send("PING") == "OK pong")
      }
    }
  }

  @Test(
    "that looks odd and is one gets its mail as it is",
    arguments: ["a@b", "O'Hara+x=y%z!{}|~*@example.org", "a.b-c_d@sub.Example.ORG", "$id&`id`#?^/@example.org"])
  func usable(address: String) async throws {
    try await House.with { house in
      try house.slapd.add(Slapd.account("jdoe"))
      try house.slapd.modify(Person("jdoe"), "replace: mail\n\(Slapd.line("mail", Data(address.utf8)))\n")
      let client = try house.daemon.client()
      try client.send("FIRST jdoe")
      let code = try house.mail.code(to: address)
      #expect(try house.recipients() == [address])
      #expect(try client.send("CODE \(code)").hasPrefix("ASK new-password"))
    }
  }
}
