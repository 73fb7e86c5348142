import Fixtures
import Secrets

extension Slapd {
  /// Gives an account recovery codes, as an enrolment leaves them; `symbols` in place of drawn ones.
  @discardableResult
  func giveRecoveryCodes(
    to person: Person, keys: String, count: Int = 8, symbols: [String] = []
  ) throws -> [String] {
    let ring = try KeyRing.load(path: keys)
    let id = Array((try entry(person).string("entryUUID") ?? "").utf8)
    let codes =
      try symbols.isEmpty
      ? (0..<count).map { _ in try RecoveryCode.draw(SystemRandom.bytes) } : symbols.map { Array($0.utf8) }
    let lines = try codes.map { code in
      Slapd.line("drawbridgeRecoveryCode", try ring.authenticator(purpose: "recovery-code", parts: [id, code]))
    }
    try modify(person, "add: drawbridgeRecoveryCode\n" + lines.joined(separator: "\n"))
    return codes.map { String(decoding: RecoveryCode.grouped($0), as: UTF8.self) }
  }

  func recoveryCodes(of person: Person) throws -> Int {
    try entry(person)["drawbridgerecoverycode"]?.count ?? 0
  }
}

extension House {
  /// An active person, and the recovery codes.
  func recoverable(_ uid: String, count: Int = 8) throws -> (person: Person, codes: [String]) {
    let person = try people(uid)[0]
    return (person, try slapd.giveRecoveryCodes(to: person, keys: daemon.keys, count: count))
  }
}

extension LineClient {
  /// The way to the authenticator's code, by the right password.
  @discardableResult
  func toTheCode(_ person: Person, _ verb: String = "SIGNIN") throws -> String {
    try send("\(verb) \(person.mail)")
    return try send("PASSWORD \(person.password)")
  }

  func recover(_ person: Person, with code: String, _ verb: String = "SIGNIN") throws -> String {
    try toTheCode(person, verb)
    return try send("RECOVERY \(code)")
  }
}
