import Fixtures
import Testing

/// One flow of the guide as a client walks it: the answer to each ASK, and the word that it ends with.
enum Walk: String, CaseIterable, CustomTestStringConvertible {
  case signIn = "SIGNIN"
  case first = "FIRST"
  case forgot = "FORGOT"
  case change = "CHANGE"
  case reenrol = "REENROL"

  var testDescription: String { rawValue }
  var success: String {
    switch self {
    case .signIn, .first: "OK signed-in"
    case .forgot, .change: "OK password-changed"
    case .reenrol: "OK enrolled"
    }
  }
  /// The questions, in their order.
  var asks: [String] {
    switch self {
    case .signIn: ["password", "totp"]
    case .first: ["code", "new-password", "confirm-password", "enrol"]
    case .forgot: ["totp", "new-password", "confirm-password"]
    case .change: ["password", "totp", "new-password", "confirm-password"]
    case .reenrol: ["password", "totp", "enrol"]
    }
  }
  /// Whoever walks this way in a house; invited for a first-time login, active for the others.
  func walker(in house: FaultyHouse, _ name: String) throws -> Walker {
    guard self == .first else { return try Walker(self, in: house, house.person(name)) }
    try house.slapd.add(Slapd.account(name))
    return try Walker(self, in: house, Person(name))
  }
}

/// Walks a flow on one connection, a line at a time.
final class Walker {
  static let newPassword = "An0ther-Enough"

  let walk: Walk
  let person: Person
  let client: LineClient
  /// The last reply that was no `LATER`.
  private(set) var reply = ""
  private let house: FaultyHouse
  /// Mailed codes that were asked for.
  private var codes = 1

  init(_ walk: Walk, in house: FaultyHouse, _ person: Person) throws {
    (self.walk, self.house, self.person) = (walk, house, person)
    client = try house.daemon.client()
  }

  var isOver: Bool { !reply.isEmpty && !reply.hasPrefix("ASK ") }

  /// The right answer to the last reply.
  func next() throws -> String {
    let words = reply.split(separator: " ").map(String.init)
    guard words.first == "ASK", words.count > 1 else { return "\(walk.rawValue) \(person.mail)" }
    switch words[1] {
    case "password": return "PASSWORD \(person.password)"
    case "totp": return "TOTP \(try person.code(at: house.daemon.time))"
    case "code": return "CODE \(try house.mail.code(to: person.mail, number: codes))"
    case "new-password": return "NEW-PASSWORD \(Self.newPassword)"
    case "confirm-password": return "CONFIRM-PASSWORD \(Self.newPassword)"
    case "enrol":
      guard let secret = words.first(where: { $0.hasPrefix("secret=") })?.dropFirst(7) else {
        throw FixtureError("no secret in \(reply)")
      }
      return "ENROL \(try totp(secret: String(secret), at: house.daemon.time))"
    default: throw FixtureError("asked for \(words[1])")
    }
  }

  /// One line, and its reply within the daemon's own deadline of 10 s and a little.
  @discardableResult
  func send(_ line: String) throws -> String {
    let answer = try client.send(line, within: 15)
    if !answer.hasPrefix("LATER") { reply = answer }
    return answer
  }

  /// The right answer, again where the reply is `LATER`, and the next code where this one was used up: what a patient
  /// client does. Answers the line that was accepted.
  @discardableResult
  func goOn() throws -> String {
    for _ in 0..<Self.attemptsMax {
      let line = try next()
      if try send(line).hasPrefix("LATER") { continue }
      guard reply.contains(" refused=") else { return line }
      if reply.hasPrefix("ASK totp") { try house.daemon.moveClock(by: 31) }
      if reply.hasPrefix("ASK code") {
        codes += 1
        try send("AGAIN")
      }
    }
    throw FixtureError("no way on: \(reply)")
  }
  private static let attemptsMax = 4
}
