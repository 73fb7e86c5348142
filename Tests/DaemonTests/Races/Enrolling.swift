import Fixtures

/// A first-time login as far as the authenticator: what remains is the code that proves the secret.
struct Enrolling {
  let client: LineClient
  /// In base32, as the daemon showed it.
  let secret: String

  /// Opens the flow; the mailed code is the `number`th that the person got.
  init(_ person: Person, on daemon: Daemon, _ mail: MailSink, code number: Int) throws {
    client = try daemon.client()
    let opened = try client.send("FIRST \(person.mail)")
    guard opened.hasPrefix("ASK code") else { throw FixtureError("FIRST: \(opened)") }
    var reply = ""
    for line in [
      "CODE \(try mail.code(to: person.mail, number: number))", "NEW-PASSWORD \(person.password)",
      "CONFIRM-PASSWORD \(person.password)",
    ] { reply = try client.send(line) }
    let field = reply.split(separator: " ").first { $0.hasPrefix("secret=") }
    guard reply.hasPrefix("ASK enrol"), let field else { throw FixtureError("asked for the authenticator: \(reply)") }
    secret = String(field.dropFirst(7))
  }

  func line(at time: Int) throws -> String { "ENROL \(try totp(secret: secret, at: time))" }

  /// Whether a sign-in with the secret and a password comes to its end.
  func signsIn(_ person: Person, on daemon: Daemon) throws -> Bool {
    let client = try daemon.client()
    _ = try client.send("SIGNIN \(person.mail)")
    guard try client.send("PASSWORD \(person.password)").hasPrefix("ASK totp") else { return false }
    return try client.send("TOTP \(totp(secret: secret, at: daemon.time))").hasPrefix("OK signed-in")
  }
}

extension Slapd {
  /// What the end of a first-time login writes, all at once.
  private static let written = [
    "userPassword", "drawbridgeTOTPSecret", "drawbridgeTOTPLastStep", "drawbridgeLastSignIn", "drawbridgeIdleSince",
  ]

  enum Enrolment: Equatable { case untouched, complete, half }

  func enrolment(of person: Person) throws -> Enrolment {
    let entry = try entry(person)
    let held = Self.written.filter { entry.string($0) != nil }
    // The invitation ends with it.
    if held.isEmpty { return entry.string("drawbridgeInvitedTime") != nil ? .untouched : .half }
    return held == Self.written && entry.string("drawbridgeInvitedTime") == nil ? .complete : .half
  }

  /// An account that may walk a first-time login.
  func invite(_ person: Person) throws {
    try add(Slapd.account(person.uid, ["drawbridgeInvitedTime: 20990101000000Z"]))
  }
}
