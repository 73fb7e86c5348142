import Fixtures
import Foundation
import Secrets
import Testing

/// PR-12, CR-10: what people type is known to nobody but the daemon's memory.
@Suite("Secrets", .serialized) struct SecrecyTests {
  /// Each in the forms in which it could be written down.
  private struct Markers {
    private(set) var forms: [String: [String]] = [:]

    mutating func plant(_ what: String, _ bytes: [UInt8]) {
      let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      forms[what, default: []] += [
        Data(bytes).base64EncodedString().replacingOccurrences(of: "=", with: ""), Base32.encode(bytes), hexadecimal,
        hexadecimal.uppercased(), "\(bytes)".trimmingCharacters(in: ["[", "]"]),
      ]
      if let text = String(validating: bytes, as: UTF8.self) { forms[what]?.append(text) }
    }

    mutating func plant(_ what: String, _ text: String) { plant(what, Array(text.utf8)) }

    func found(in text: String) -> [String] {
      forms.filter { $0.value.contains { text.contains($0) } }.map(\.key).sorted()
    }
  }

  /// A client that remembers what it was told, but for what it is shown on purpose.
  private final class Listening {
    let client: LineClient
    private(set) var replies: [String] = []
    /// Replies that show the secret of the authenticator.
    private(set) var enrolments: [String] = []
    /// Recovery codes, as they were shown.
    private(set) var recoveryCodes: [String] = []

    init(_ client: LineClient) { self.client = client }

    @discardableResult
    func send(_ line: String) throws -> String {
      let reply = try client.send(line)
      if let shown = reply.value("recovery") {
        recoveryCodes += shown.components(separatedBy: "%2C")
      } else if reply.hasPrefix("ASK enrol") {
        enrolments.append(reply)
      } else {
        replies += client.items + [reply]
      }
      return reply
    }
  }

  private static let passwords = ["Xq7-Kd!first-Pw", "Vz3-Mn!other-Pw", "Ct9-Bw!third-Pw"]
  private static let wrong = "Hj5-Lp!wrong-Pw"
  /// In lower case, as slapd logs it.
  private static let misplaced = "rf2-gs!login-pw"

  @Test("are in no log at its most talkative, in no reply, and not in /proc, whatever flow they go through")
  func walk() async throws {
    var options = Slapd.Options()
    options.logsOperations = true
    let settings = """
      [log]
      level = "trace"
      [limits]
      refusal-floor = "0s"
      [code]
      cooldown = "0s"
      per-hour = 30
      per-day = 30
      [forgot]
      mail-code = true
      [password]
      history = 3

      """
    try await House.with(options, settings: settings, hasOwnClock: true) { house in
      var markers = Markers()
      for password in Self.passwords + [Self.wrong, Self.misplaced] { markers.plant("password \(password)", password) }
      let ring = try Data(contentsOf: URL(fileURLWithPath: house.daemon.keys))
      for key in String(decoding: ring, as: UTF8.self).split(whereSeparator: \.isWhitespace) where key.count >= 32 {
        markers.plant("key ring", String(key))
      }
      let clock = try StoppedClock(of: house.daemon)
      let mail = "jdoe@example.org"
      try house.slapd.add(Slapd.account("jdoe"))
      let client = Listening(try house.daemon.client())
      var mailed = 0
      func code() throws -> String {
        mailed += 1
        return try house.mail.code(to: mail, number: mailed)
      }

      // First-time login, with every kind of mistake on its way.
      try client.send("FIRST \(mail)")
      try client.send("PASSWORD \(Self.wrong)")
      var secret = ""
      let first = try code()
      markers.plant("mailed code", first)
      try client.send("CODE \(Self.wrong)")
      try client.send("CODE \(first)")
      try client.send("CODE \(first)")
      for refused in ["Sh0rt!", Self.wrong + Self.wrong, "\(Self.wrong) x"] {
        try client.send("NEW-PASSWORD \(refused)")
      }
      try client.send("NEW-PASSWORD \(Self.passwords[0])")
      try client.send("CONFIRM-PASSWORD \(Self.wrong)")
      try client.send("NEW-PASSWORD \(Self.passwords[0])")
      let enrol = try client.send("CONFIRM-PASSWORD \(Self.passwords[0])")
      secret = try #require(
        enrol.split(separator: " ").first { $0.hasPrefix("secret=") }.map { String($0.dropFirst(7)) })
      markers.plant("authenticator's secret", try #require(Base32.decode(Array(secret.utf8))))
      func authenticator() throws -> String {
        let code = try totp(secret: secret, at: clock.time)
        markers.plant("authenticator's code", code)
        return code
      }
      try client.send("ENROL 000000")
      #expect(try client.send("ENROL \(authenticator())").hasPrefix("OK signed-in"))
      func plantRecoveryCodes() {
        for code in client.recoveryCodes {
          markers.plant("recovery code", code)
          markers.plant("recovery code", code.filter { $0 != "-" })
        }
      }
      plantRecoveryCodes()

      // Sign-in, the wrong things in the wrong places among it.
      try clock.advance(by: 31)
      try client.send("SIGNIN \(mail)")
      try client.send("PASSWORD \(Self.wrong)")
      try client.send("PASSWORD \(Self.passwords[0])")
      try client.send("TOTP \(Self.passwords[0])")
      #expect(try client.send("TOTP \(authenticator())").hasPrefix("OK signed-in"))
      try client.send("TOTP \(authenticator())")
      try client.send("PASSWORD \(Self.passwords[0])")
      try client.send("PING")
      for line in [
        Self.passwords[0], "\(Self.passwords[0]) \(Self.wrong)", "SIGNIN \(mail) \(Self.passwords[0])",
        "SIGNIN \(mail) password=\(Self.passwords[0])", "SIGNIN \(mail) \(Self.passwords[0])=x",
        "SIGNIN \(mail) can=\(Self.wrong)", "QR \(Self.wrong)", "PASSWORD", "password:\(Self.passwords[0])",
      ] {
        #expect(try client.send(line).hasPrefix("ERR "), "\(line)")
        try client.send("PING")
      }
      // A password in the place of the login.
      for verb in ["SIGNIN", "FIRST", "FORGOT", "CHANGE"] {
        try client.send("\(verb) \(Self.misplaced)")
        try client.send(verb == "FIRST" || verb == "FORGOT" ? "CODE 12345" : "PASSWORD \(Self.wrong)")
      }
      // A byte that must not be there.
      let broken = Listening(try house.daemon.client())
      #expect(try broken.send("PASSWORD \(Self.passwords[0])\0").hasPrefix("ERR "))

      // Change and forgot.
      try clock.advance(by: 31)
      try client.send("CHANGE \(mail)")
      try client.send("PASSWORD \(Self.passwords[0])")
      try client.send("TOTP \(authenticator())")
      try client.send("NEW-PASSWORD \(Self.passwords[0])")
      try client.send("NEW-PASSWORD \(Self.passwords[1])")
      #expect(try client.send("CONFIRM-PASSWORD \(Self.passwords[1])").hasPrefix("OK password-changed"))
      try clock.advance(by: 31)
      try client.send("FORGOT \(mail)")
      let forgot = try code()
      markers.plant("mailed code", forgot)
      try client.send("CODE \(forgot)")
      try client.send("TOTP \(authenticator())")
      try client.send("NEW-PASSWORD \(Self.passwords[2])")
      #expect(try client.send("CONFIRM-PASSWORD \(Self.passwords[2])").hasPrefix("OK password-changed"))

      // Another authenticator, by a recovery code; then one code more, and one that is used already.
      try clock.advance(by: 31)
      let recovery = try #require(client.recoveryCodes.first)
      try client.send("REENROL \(mail)")
      try client.send("PASSWORD \(Self.passwords[2])")
      try client.send("PASSWORD \(recovery)")
      let another = try client.send("RECOVERY \(recovery)")
      secret = try #require(another.value("secret"))
      markers.plant("authenticator's secret", try #require(Base32.decode(Array(secret.utf8))))
      #expect(try client.send("ENROL \(authenticator())").hasPrefix("OK enrolled"))
      #expect(client.recoveryCodes.count == 16)
      plantRecoveryCodes()
      try client.send("SIGNIN \(mail)")
      try client.send("PASSWORD \(Self.passwords[2])")
      try client.send("RECOVERY \(recovery)")
      #expect(try client.send("RECOVERY \(client.recoveryCodes[8].lowercased())").hasPrefix("OK signed-in"))

      // The directory fails in the midst of it, a stored value cannot be used, and it is deactivated.
      try clock.advance(by: 31)
      try client.send("SIGNIN \(mail)")
      try house.slapd.kill()
      #expect(try client.send("PASSWORD \(Self.passwords[2])").hasPrefix("LATER"))
      try house.slapd.start()
      try client.send("PASSWORD \(Self.passwords[2])")
      try house.slapd.kill()
      #expect(try client.send("TOTP \(authenticator())").hasPrefix("LATER"))
      try house.slapd.start()
      #expect(try client.send("TOTP \(authenticator())").hasPrefix("OK signed-in"))
      let person = Person("jdoe")
      let sealed = try #require(try house.slapd.entry(person)["drawbridgetotpsecret"]?.first)
      let stored = try #require(try house.slapd.entry(person)["userpassword"]?.first)
      markers.plant("stored hash", Array(stored))
      markers.plant("sealed secret", Array(sealed))
      var damaged = sealed
      damaged[damaged.startIndex + 20] ^= 1
      try house.slapd.modify(person, "replace: drawbridgeTOTPSecret\n\(Slapd.line("drawbridgeTOTPSecret", damaged))\n")
      try client.send("SIGNIN \(mail)")
      try client.send("PASSWORD \(Self.passwords[2])")
      try client.send("TOTP \(authenticator())")
      try house.slapd.modify(person, "replace: userPassword\nuserPassword: {NONE}\(Self.wrong)\n")
      try client.send("SIGNIN \(mail)")
      try client.send("PASSWORD \(Self.wrong)")
      let admin = Listening(try house.daemon.adminClient())
      for line in ["SHOW \(mail)", "SWEEP dry-run", "REACTIVATE \(mail)"] { try admin.send(line) }

      // The scan. First that it would see one.
      #expect(markers.found(in: "x \(Self.wrong) x") == ["password \(Self.wrong)"])
      let log = house.daemon.log
      #expect(log.contains("result=signed-in") && log.contains("cannot be opened") && log.contains("cannot be used"))
      // Six digits may stand in a time or a number by chance: as a word of its own only.
      #expect(markers.found(in: Self.withoutLongNumbers(log)) == [], "\(log)")
      for reply in client.replies + broken.replies + admin.replies {
        #expect(markers.found(in: reply) == [], "\(reply)")
      }
      #expect(client.enrolments.count == 3)  // asked, asked again after a wrong code, and of another authenticator
      for name in ["cmdline", "environ"] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(house.daemon.pid)/\(name)"))
        #expect(!bytes.isEmpty)
        #expect(markers.found(in: String(decoding: bytes, as: UTF8.self)) == [], "\(name)")
      }
      let limits = try String(contentsOfFile: "/proc/\(house.daemon.pid)/limits", encoding: .utf8)
      let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
      #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(core ?? "none")")
      // slapd logs what is searched for, so also what was typed in the place of a login, but nothing else.
      let searched = markers.found(in: house.slapd.log).filter { !$0.hasSuffix("code") }
      #expect(searched == ["password \(Self.misplaced)"])
    }
  }

  /// Runs of digits that are longer than a code, and what entryUUIDs are made of, hold codes by chance.
  private static func withoutLongNumbers(_ text: String) -> String {
    text.replacingOccurrences(of: "[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}", with: "uuid", options: .regularExpression)
      .replacingOccurrences(of: "[0-9]{7,}", with: "number", options: .regularExpression)
  }
}
