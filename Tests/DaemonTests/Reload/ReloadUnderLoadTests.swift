import Fixtures
import Foundation
import Synchronization
import Testing

@Suite("Reloads, one after the other,", .serialized) struct ReloadUnderLoadTests {
  @Test("refuse nobody who signs in meanwhile, and drop no flow that began before")
  func underLoad() async throws {
    var options = Slapd.Options()
    options.ppolicy = true
    try await House.with(options, settings: "[texts]\ncontact = \"Ann\"\n") { house in
      let count = 120
      let people = (0..<count).map { Person("p\($0)", secret: Array("secret-\($0)-0123456789ab".utf8)) }
      try house.slapd.seed(people, keys: house.daemon.keys)
      let early = Person("early", secret: Array("an early secret 1234".utf8))
      try house.slapd.seed([early], keys: house.daemon.keys)
      let flow = try house.daemon.client()
      #expect(try flow.send("SIGNIN \(early.mail)").hasPrefix("ASK password"))

      let next = Mutex(0)
      let replies = Mutex<[String]>([])
      let ended = Mutex(0)
      let clients = 6
      for _ in 0..<clients {
        Thread {
          defer { ended.withLock { $0 += 1 } }
          while true {
            let number = next.withLock { next in
              defer { next += 1 }
              return next
            }
            guard number < count else { return }
            let reply: String
            do {
              reply = try house.daemon.client().signIn(people[number], at: house.daemon.time)
            } catch { reply = "\(error)" }
            replies.withLock { $0.append(reply) }
          }
        }.start()
      }
      var reloads = 0
      var contact = "Ann"
      while ended.withLock({ $0 }) < clients {
        let other = contact == "Ann" ? "Bob" : "Ann"
        try house.daemon.change("\"\(contact)\"", to: "\"\(other)\"")
        contact = other
        #expect(try house.daemon.reload() == "OK reloaded changed=texts.contact")
        reloads += 1
      }
      let heard = replies.withLock { $0 }
      #expect(heard.count == count)
      #expect(heard.filter { !$0.hasPrefix("OK signed-in") } == [])
      #expect(reloads > 2)
      #expect(try flow.send("PASSWORD \(early.password)").hasPrefix("ASK totp"))
      #expect(try flow.send("TOTP \(early.code(at: house.daemon.time))").hasPrefix("OK signed-in"))
    }
  }
}
