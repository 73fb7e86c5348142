import Fixtures
import Foundation
import Secrets
import Testing

/// ID-04: an address that is not one entry's own is nobody's.
@Suite("An ambiguous login", .serialized) struct AmbiguousLoginTests {
  private static let settings = "[limits]\nrefusal-floor = \"0s\"\n[forgot]\nmail-code = true\n"

  @Test("of two entries gets no mail and no sign-in, whichever flow, and the administrator is told")
  func twoEntries() async throws {
    try await House.with(settings: Self.settings) { house in
      let pairs = [
        "invited": ["i1", "i2"], "active": ["a1", "a2"], "imported": ["h1", "h2"], "mixed": ["m1", "m2"],
      ]
      let secret = try SystemRandom.bytes(20)
      for (kind, uids) in pairs {
        for uid in uids {
          let isActive = kind == "active" || uid == "m1"
          try house.slapd.seed(
            [Person(uid, secret: isActive ? secret : [])], keys: house.daemon.keys,
            hasPassword: isActive || kind == "imported")
          // The second in another case: the directory takes them for equal.
          let shared = uid.hasSuffix("1") ? "\(kind)@example.org" : "\(kind.uppercased())@Example.org"
          try house.slapd.modify(Person(uid), "replace: mail\nmail: \(shared)\n")
        }
      }
      for kind in pairs.keys {
        let client = try house.daemon.client()
        let login = "\(kind)@example.org"
        #expect(try client.send("FIRST \(login)").hasPrefix("ASK code"))
        #expect(try client.send("CODE 123456").contains(" refused=wrong left=4"))
        #expect(try client.send("FORGOT \(login)").hasPrefix("ASK code"))
        for verb in ["SIGNIN", "CHANGE"] {
          try client.send("\(verb) \(login)")
          #expect(try client.send("PASSWORD Str0ng-Enough").contains(" refused=wrong"), "\(verb) \(kind)")
        }
        let told = house.daemon.log.split(separator: "\n").filter { $0.contains("two entries answer to one login") }
        #expect(told.contains { $0.contains("uid=\(pairs[kind]?[0] ?? ""),") }, "\(kind)")
      }
      #expect(try house.recipients() == [])
      for uid in pairs.values.flatMap({ $0 }) {
        let entry = try house.slapd.entry(Person(uid))
        #expect(entry.keys.filter { $0.hasPrefix("drawbridge") && $0 != "drawbridgetotpsecret" } == [], "\(uid)")
      }
    }
  }

  @Test("that is an entry's second address gets no mail and no sign-in, and the administrator is told")
  func secondAddress() async throws {
    try await House.with(settings: Self.settings) { house in
      let people = [Person("invited"), try Person("active", secret: SystemRandom.bytes(20))]
      try house.slapd.add(Slapd.account("invited"))
      try house.slapd.seed([people[1]], keys: house.daemon.keys)
      for person in people {
        try house.slapd.modify(person, "add: mail\nmail: second-\(person.uid)@example.org\n")
        let login = "second-\(person.uid)@example.org"
        let client = try house.daemon.client()
        #expect(try client.send("FIRST \(login)").hasPrefix("ASK code"))
        #expect(try client.send("FORGOT \(login)").hasPrefix("ASK code"))
        try client.send("SIGNIN \(login)")
        #expect(try client.send("PASSWORD \(person.password)").contains(" refused=wrong left=4"))
        #expect(
          house.daemon.log.split(separator: "\n").contains {
            $0.contains("uid=\(person.uid),") && $0.contains("a second address is no login")
          }, "\(person.uid): \(house.daemon.log)")
      }
      #expect(try house.recipients() == [])
      // By the first one: a code, to that alone.
      for (person, verb) in [(people[0], "FIRST"), (people[1], "FORGOT")] {
        try house.daemon.client().send("\(verb) \(person.mail)")
        _ = try house.mail.code(to: person.mail)
      }
      #expect(try house.recipients() == people.map(\.mail))
      #expect(try house.daemon.client().signIn(people[1], at: house.daemon.time).hasPrefix("OK signed-in"))
    }
  }
}
