import Configuration
import Secrets
import SignIn
import Testing

@testable import SignInServer

@Suite("A string of password and code that was right a moment ago") struct RecentStringsTests {
  private let account = EntryUUID("fccad528-7cb3-1041-960e-37dc3e66cc5a")
  private let strings: RecentStrings

  init() throws {
    let text = """
      [directory]
      base = "dc=example,dc=org"
      [mail]
      server = "off"
      [[service]]
      name = "imap"
      grace = "5m"
      """
    let services = try Configuration.parse(text, file: "d.toml", environment: [:]).service
    let ring = try KeyRing(parsing: KeyRing.generate { [UInt8](repeating: 7, count: $0) })
    strings = RecentStrings(keys: ring, services: services)
  }

  private func key(_ login: String, _ secret: String) throws -> RecentStrings.Key {
    try #require(strings.key(login: Array(login.utf8), secret: Secret(Array(secret.utf8))))
  }

  @Test("is known by login and string together")
  func keys() throws {
    #expect(try key("a", "b1") == key("a", "b1"))
    #expect(try key("a", "b1") != key("a", "b2"))
    #expect(try key("ab", "1") != key("a", "b1"))
  }

  @Test("opens its session again for the very service that is granted a while, and until that is over")
  func grace() throws {
    let key = try key("jdoe", "Str0ng-Enough123456")
    #expect(strings[key] == nil)
    let before = ContinuousClock.now
    strings.keep(key, of: account, service: Array("imap".utf8)) { [1, 2] }
    let after = ContinuousClock.now
    let entry = try #require(strings[key])
    #expect(entry.token(for: Array("imap".utf8), at: before + .seconds(299)) == [1, 2])
    #expect(entry.token(for: Array("imap".utf8), at: after + .seconds(300)) == nil)
    #expect(entry.token(for: Array("smtp".utf8), at: before) == nil)
    #expect(entry.token(for: [], at: before) == nil)
  }

  @Test("opens none where nothing is granted, and is remembered all the same")
  func noGrace() throws {
    let key = try key("jdoe", "Str0ng-Enough123456")
    strings.keep(key, of: account, service: Array("ldap".utf8)) {
      Issue.record("a session was opened")
      return [1]
    }
    let entry = try #require(strings[key])
    #expect(entry.account == account)
    #expect(entry.token(for: Array("ldap".utf8), at: .now) == nil)
  }

  @Test("is forgotten before there are too many")
  func bounded() throws {
    let first = try key("jdoe", "0")
    for number in 0...RecentStrings.entriesMax {
      strings.keep(try key("jdoe", "\(number)"), of: account, service: []) { nil }
    }
    #expect(strings[first] == nil)
    #expect(strings.count == RecentStrings.entriesMax)
  }

  @Test("has one place of many, and whoever comes beyond them has none")
  func places() {
    let places = Places(max: 2)
    #expect([places.enter(), places.enter(), places.enter()] == [true, true, false])
    places.leave()
    #expect([places.enter(), places.enter()] == [true, false])
  }
}
