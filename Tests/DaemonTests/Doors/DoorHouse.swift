import Fixtures
import Foundation
import Secrets

/// A slapd, and a daemon with doors that reaches it through a proxy; the doors are in a folder that servers of other
/// users may enter.
final class DoorHouse: Sendable {
  let folder: String
  let slapd: Slapd
  let proxy: FaultProxy
  let mail: MailSink
  let daemon: Daemon
  var saslauthd: String { "\(folder)/mux" }
  var dovecot: String { "\(folder)/dovecot" }

  /// - Parameters:
  ///   - listen: further lines of both `[[listen]]`.
  ///   - passesThrough: slapd asks the door, in the place of saslauthd.
  private init(listen: String, settings: String, passesThrough: Bool, directorySettings: String) throws {
    folder = try temporaryDirectory()
    guard chmod(folder, 0o755) == 0 else { throw FixtureError("\(folder): \(errno)") }
    let folder = folder
    let doors = [("saslauthd", "mux"), ("dovecot", "dovecot")].map { role, name in
      "[[listen]]\npath = \"\(folder)/\(name)\"\nrole = \"\(role)\"\n\(listen)\n"
    }
    var options = Slapd.Options()
    if passesThrough {
      let sasl = "pwcheck_method: saslauthd\nsaslauthd_path: \(folder)/mux\n"
      try sasl.write(toFile: "\(folder)/slapd.conf", atomically: true, encoding: .utf8)
      options.saslFolder = folder
    }
    slapd = try Slapd(options)
    proxy = try FaultProxy(to: slapd.socket)
    mail = try MailSink()
    daemon = try Daemon(
      directory: proxy.uri, mailPort: mail.port, settings: settings + doors.joined(), hasOwnClock: true,
      directorySettings: directorySettings)
  }

  static func with<Value>(
    listen: String = "", settings: String = "", passesThrough: Bool = false, directorySettings: String = "",
    _ body: (DoorHouse) async throws -> Value
  ) async throws -> Value {
    let house = try DoorHouse(
      listen: listen, settings: settings, passesThrough: passesThrough, directorySettings: directorySettings)
    defer {
      house.daemon.end()
      house.proxy.end()
      house.mail.end()
      house.slapd.remove()
      try? FileManager.default.removeItem(atPath: house.folder)
    }
    return try await body(house)
  }

  /// Active people with an authenticator each.
  func people(_ uids: String...) throws -> [Person] {
    let people = try uids.map { Person($0, secret: try SystemRandom.bytes(20)) }
    try slapd.seed(people, keys: daemon.keys)
    return people
  }

  func person() throws -> Person {
    guard let person = try people("jdoe").first else { throw FixtureError("nobody") }
    return person
  }

  /// The one string: the password, and the code of the daemon's time.
  func string(of person: Person) throws -> String { person.password + (try person.code(at: daemon.time)) }

  /// What `testsaslauthd`, of Cyrus SASL, makes of the daemon's answer.
  ///
  /// - Parameter wrapper: a command that runs it.
  func testsaslauthd(
    _ login: String, _ string: String, realm: String? = nil, service: String = "imap", under wrapper: [String] = []
  ) throws -> Bool {
    let who = ["-f", saslauthd, "-u", login, "-p", string, "-s", service] + (realm.map { ["-r", $0] } ?? [])
    let command = wrapper + ["/usr/sbin/testsaslauthd"] + who
    let result = try Command.run(command[0], Array(command.dropFirst()))
    let said = result.output + result.errors
    if said.contains("OK \"Success.\"") { return true }
    guard said.contains("NO \"authentication failed\"") else { throw FixtureError("testsaslauthd: \(said)") }
    return false
  }

  /// The whole answer to a client of saslauthd; programs do not show it.
  func answer(_ login: String, _ string: String, realm: String = "", service: String = "imap") throws -> String {
    let client = try LineClient(saslauthd, greeting: false)
    try client.write(
      [login, string, service, realm].flatMap { field in
        [UInt8(field.utf8.count >> 8), UInt8(field.utf8.count & 0xFF)] + Array(field.utf8)
      })
    let length = try client.readBytes(2)
    return String(decoding: try client.readBytes(Int(length[0]) << 8 + Int(length[1])), as: UTF8.self)
  }

  /// The events of sign-ins.
  var events: [String] {
    daemon.log.split(separator: "\n").filter { $0.contains(" flow=signin ") && $0.hasSuffix(" audit") }
      .map(String.init)
  }

  /// What the last event of a sign-in has as `name=`; nil where it has no such field.
  func lastEvent(_ name: String) throws -> String? {
    guard let event = events.last else { throw FixtureError("no event in \(daemon.log)") }
    return event.split(separator: " ").first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
  }
}
