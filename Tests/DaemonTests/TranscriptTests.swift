import Fixtures
import Foundation
import Testing

/// Every file of `Transcripts/` is documentation and test at once: it is played against the real daemon, a real slapd
/// and a real mail server. `Transcripts/README.md` describes their language.
@Suite("Transcripts") struct TranscriptTests {
  static let files =
    (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".txt") }.sorted() ?? []
  static let folder = "\(repository)/Tests/DaemonTests/Transcripts"

  @Test("plays as written", arguments: files)
  func plays(_ file: String) async throws {
    let text = try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
    var options = Slapd.Options()
    options.ppolicy = text.contains("\ngiven ppolicy\n")
    let settings = text.split(separator: "\n").filter { $0.hasPrefix("given setting ") }.map { $0.dropFirst(14) }
    try await House.with(options, settings: settings.joined(separator: "\n"), hasOwnClock: true) { house in
      // A time step begins: what a transcript says of a used code must not depend on the second in which it is played.
      try house.daemon.moveClock(by: 30 - house.daemon.time % 30)
      var stage = Stage(house)
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        do { try stage.play(String(line)) } catch {
          Issue.record("\(file):\(number + 1): \(line)\n\(error)\n\(house.daemon.log.suffix(2000))")
          return
        }
      }
    }
  }

  @Test("there are some") func thereAreSome() { #expect(Self.files.count >= 10) }
}

/// Plays one transcript, line by line.
private struct Stage {
  let house: House
  var people: [String: Person] = [:]
  var clients: [String: LineClient] = [:]
  var replies: [String: [String]] = [:]
  var captured: [String: String] = [:]

  init(_ house: House) { self.house = house }

  mutating func play(_ line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    guard let first = words.first, !line.hasPrefix("#") else { return }
    switch first {
    case "given": try given(words)
    case "when": try when(words, line)
    case "then": try then(words)
    default:
      // `C: line` of the first connection, `C2:` of a second, `A:` of one to the admin socket; replies `S:`, `S2:`, `SA:`.
      guard let colon = line.range(of: ": ") ?? line.range(of: ":", options: .backwards) else {
        throw FixtureError("not understood")
      }
      let name = String(line[..<colon.lowerBound])
      let rest = String(line[colon.upperBound...])
      if name.hasPrefix("S") { try expect(rest, from: String(name.dropFirst())) } else { try say(rest, name) }
    }
  }

  // MARK: Lines

  private mutating func say(_ text: String, _ name: String) throws {
    let key = name == "A" ? "A" : String(name.dropFirst())
    if clients[key] == nil { clients[key] = try key == "A" ? house.daemon.adminClient() : house.daemon.client() }
    guard let client = clients[key] else { return }
    let reply = try client.send(try filled(text))
    replies[key] = client.items + [reply]
  }

  private mutating func expect(_ pattern: String, from key: String) throws {
    guard var waiting = replies[key], !waiting.isEmpty else { throw FixtureError("nothing was answered") }
    let reply = waiting.removeFirst()
    replies[key] = waiting
    var expression = NSRegularExpression.escapedPattern(for: pattern).replacingOccurrences(of: "…", with: ".*")
    var names: [String] = []
    // `{name=}` captures what stands there.
    while let range = expression.range(of: #"\\\{[a-z]+=\\\}"#, options: .regularExpression) {
      names.append(String(expression[range].filter { $0.isLetter }))
      expression.replaceSubrange(range, with: "([A-Za-z0-9%_-]+)")
    }
    let matcher = try NSRegularExpression(pattern: "^\(expression)$")
    let whole = NSRange(reply.startIndex..., in: reply)
    guard let match = matcher.firstMatch(in: reply, range: whole) else { throw FixtureError("was answered: \(reply)") }
    for (index, name) in names.enumerated() {
      captured[name] = Range(match.range(at: index + 1), in: reply).map { String(reply[$0]) }
    }
  }

  /// `{code LOGIN}`, `{code LOGIN 2}`, `{wrong code LOGIN}`, `{totp UID}`, `{wrong totp UID}`, `{totp secret}` of a
  /// captured secret, `{recovery codes 1}` of captured codes; `{name}`, what was captured.
  private func filled(_ text: String) throws -> String {
    guard let open = text.firstIndex(of: "{"), let close = text.lastIndex(of: "}") else { return text }
    let words = text[text.index(after: open)..<close].split(separator: " ").map(String.init)
    let value: String
    switch (words.first, words.count) {
    case ("code", 2...): value = try house.mail.code(to: words[1], number: words.count > 2 ? Int(words[2]) ?? 1 : 1)
    case ("totp", 2): value = try code(of: words[1])
    case ("id", 2):
      guard let person = people[words[1]], let id = try house.slapd.entry(person).string("entryUUID") else {
        throw FixtureError("nobody is called \(words[1])")
      }
      value = id
    case ("recovery", 3...):
      let codes = (captured[words[1]] ?? "").components(separatedBy: "%2C")
      guard let number = Int(words[2]), codes.indices.contains(number - 1) else { throw FixtureError("no such code") }
      value =
        words.last == "typed"
        ? codes[number - 1].lowercased().replacingOccurrences(of: "-", with: " ") : codes[number - 1]
    case (let name?, 1) where captured[name] != nil: value = captured[name] ?? ""
    case ("wrong", 3) where words[1] == "code":
      value = try house.mail.code(to: words[2]) == "000000" ? "111111" : "000000"
    case ("wrong", 3): value = try people[words[2]]?.wrongCode(at: house.daemon.time) ?? "000000"
    case (let name?, 1) where captured[name] != nil: value = captured[name] ?? ""
    default: throw FixtureError("{\(words)} is not understood")
    }
    return text.replacingCharacters(in: open...close, with: value)
  }

  private func code(of name: String) throws -> String {
    if let secret = captured[name] { return try totp(secret: secret, at: house.daemon.time) }
    guard let person = people[name] else { throw FixtureError("nobody is called \(name)") }
    return try person.code(at: house.daemon.time)
  }

  // MARK: The world around

  private mutating func given(_ words: [String]) throws {
    switch words.dropFirst().first {
    case "account":
      let flags = words.dropFirst(3)
      let authenticator = flags.contains("authenticator")
      let uid = words[2]
      let person = Person(uid, secret: authenticator ? Array("\(uid)-secret-secret-20".utf8.prefix(20)) : [])
      let attributes = flags.filter { $0.contains("=") }.map { $0.replacingOccurrences(of: "=", with: ": ") }
      try house.slapd.seed(
        [person], keys: house.daemon.keys, attributes: Array(attributes), hasPassword: flags.contains("password"))
      people[uid] = person
    case "entry":
      try house.slapd.add(
        Slapd.account(words[2], Array(words.dropFirst(3)).map { $0.replacingOccurrences(of: "=", with: ": ") }))
      people[words[2]] = Person(words[2])
    case "person":  // no account
      let entry = Slapd.account(
        words[2], Array(words.dropFirst(3)).map { $0.replacingOccurrences(of: "=", with: ": ") })
      try house.slapd.add(entry.replacingOccurrences(of: "objectClass: drawbridgeAccount\n", with: ""))
    case "ppolicy", "setting": break  // read before the house was built
    default: throw FixtureError("given what?")
    }
  }

  private mutating func when(_ words: [String], _ line: String) throws {
    switch words.dropFirst().first {
    case "seconds": try house.daemon.moveClock(by: Int(words[2]) ?? 0)
    // The directory's clock goes along: a daemon does not sweep where the two are days apart.
    case "days": try house.moveClock(by: (Int(words[2]) ?? 0) * 86_400)
    case "ldapmodify":
      guard let person = people[words[2]] else { throw FixtureError("nobody is called \(words[2])") }
      let change = line.components(separatedBy: words[2] + " ")[1]
      try house.slapd.modify(person, change.replacingOccurrences(of: "; ", with: "\n"))
    case "known": people[words[2]] = Person(words[2])
    default: throw FixtureError("when what?")
    }
  }

  private func then(_ words: [String]) throws {
    switch words.dropFirst().first {
    case "mail":  // then mail LOGIN words that it holds
      _ = try house.mail.message(to: words[2], holding: words.dropFirst(3).joined(separator: " "))
    case "mails":  // then mails LOGIN 2: no more came
      let count = house.mail.messages(to: words[2]).count
      guard count == Int(words[3]) else { throw FixtureError("there are \(count) mails") }
    case "holds":  // then holds UID attribute
      guard try house.slapd.entry(Slapd.dn(words[2]))?[words[3].lowercased()] != nil else {
        throw FixtureError("it does not")
      }
    case "lacks":
      guard try house.slapd.entry(Slapd.dn(words[2]))?[words[3].lowercased()] == nil else {
        throw FixtureError("it does not")
      }
    default: throw FixtureError("then what?")
    }
  }
}
