import Fixtures
import Secrets
import Synchronization

/// A house whose daemon reaches slapd through a proxy only.
final class FaultyHouse: Sendable {
  let slapd: Slapd
  let proxy: FaultProxy
  let mail: MailSink
  let daemon: Daemon

  private init(_ options: Slapd.Options, settings: String, directorySettings: String, hasOwnClock: Bool) throws {
    slapd = try Slapd(options)
    proxy = try FaultProxy(to: slapd.socket)
    mail = try MailSink()
    daemon = try Daemon(
      directory: proxy.uri, mailPort: mail.port, settings: settings, hasOwnClock: hasOwnClock,
      directorySettings: directorySettings)
  }

  static func with(
    _ options: Slapd.Options = .init(), settings: String = "", directorySettings: String = "",
    hasOwnClock: Bool = false, _ body: (FaultyHouse) async throws -> Void
  ) async throws {
    let house = try FaultyHouse(
      options, settings: settings, directorySettings: directorySettings, hasOwnClock: hasOwnClock)
    defer {
      house.daemon.end()
      house.proxy.end()
      house.mail.end()
      house.slapd.remove()
    }
    try await body(house)
  }

  /// Active people with an authenticator each.
  func people(_ uids: [String]) throws -> [Person] {
    let people = try uids.map { Person($0, secret: try SystemRandom.bytes(20)) }
    try slapd.seed(people, keys: daemon.keys)
    return people
  }

  func person(_ uid: String) throws -> Person {
    guard let person = try people([uid]).first else { throw FixtureError("nobody") }
    return person
  }

  /// How many wrong answers stand in a row; nil where the attribute is absent.
  func charges(_ attribute: String, of person: Person) throws -> Int? {
    try slapd.entry(person).string(attribute).flatMap { Int($0.prefix { $0 != " " }) }
  }
}
