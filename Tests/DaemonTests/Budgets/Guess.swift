import Fixtures
import Foundation
import Secrets
import Testing

/// A factor that can be guessed at: how a flow gets to its question, a wrong answer, and where the charge is stored.
enum Guess: String, CaseIterable, CustomTestStringConvertible {
  case password, authenticator, forgot

  var testDescription: String { rawValue }
  /// So many cost no delay (TH-03).
  static let budget = 5

  var attribute: String {
    switch self {
    case .password: "drawbridgePasswordTries"
    case .authenticator: "drawbridgeOTPTries"
    case .forgot: "drawbridgeForgotTries"
    }
  }

  /// Answers the last reply: the question, or a refusal where the factor rests already.
  func open(_ client: LineClient, _ person: Person) throws -> String {
    switch self {
    case .password: return try client.send("SIGNIN \(person.mail)")
    case .forgot: return try client.send("FORGOT \(person.mail)")
    case .authenticator:
      _ = try client.send("SIGNIN \(person.mail)")
      return try client.send("PASSWORD \(person.password)")
    }
  }

  func wrongAnswer(_ person: Person, at time: Int) -> String {
    self == .password ? "PASSWORD Wr0ng-Enough" : "TOTP \(person.otherCode(at: time))"
  }

  func rightAnswer(_ person: Person, at time: Int) throws -> String {
    self == .password ? "PASSWORD \(person.password)" : "TOTP \(try person.code(at: time))"
  }

  /// Whether a reply tells that an answer was compared, and was wrong.
  static func isEvaluated(_ reply: String) -> Bool { reply.contains(" refused=wrong") || reply.hasPrefix("NO denied") }

  /// How many may have been evaluated so long after the first: a delay of 30 s, doubled each time, lets one more in.
  /// FORGOT has no delays but five a day.
  func allowed(after seconds: Double) -> Int {
    var (count, rest, delay) = (Self.budget, seconds, 30.0)
    while self != .forgot, rest >= delay { (count, rest, delay) = (count + 1, rest - delay, delay * 2) }
    return count
  }
}

extension Person {
  /// Six digits that are no code within five minutes, without a run of oathtool for each.
  func otherCode(at time: Int) -> String {
    let totp = TOTP(secret: Secret(secret))
    let codes = (0..<40).map { String(format: "%06d", $0 * 7919) }
    return codes.first { totp.match(Array($0.utf8), at: Int64(time), window: -10...10) == nil } ?? "000000"
  }
}

extension Slapd {
  /// How many wrong answers stand in a row.
  func inARow(_ attribute: String, of person: Person) throws -> Int {
    try entry(person).string(attribute).flatMap { Int($0.prefix { $0 != " " }) } ?? 0
  }

  /// How many wrong answers are remembered with their times.
  func remembered(_ attribute: String, of person: Person) throws -> Int {
    try entry(person).string(attribute).map { $0.split(separator: " ").count - 1 } ?? 0
  }
}
