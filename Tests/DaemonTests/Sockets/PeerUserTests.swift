import Fixtures
import Foundation
import Testing

/// PR-09, AD-08: the kernel says who is at the other end, and that user decides; root and the daemon's own administer.
@Suite("The user at the other end", .serialized, .enabled(if: geteuid() == 0, "only root can be somebody else"))
struct PeerUserTests {
  private static let nobody = 65_534
  private static let listed = 65_533

  /// The replies to some lines, sent as another user, without the greeting.
  private func replies(as uid: Int, at path: String, _ lines: [String]) throws -> [String] {
    let user = ["--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups"]
    let sent = try Command.run(
      "setpriv", user + ["socat", "-t", "30", "-", "UNIX-CONNECT:\(path)"],
      input: (lines + ["QUIT"]).map { $0 + "\n" }.joined())
    #expect(sent.status == 0, "\(sent.errors)")
    return sent.output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("*") }.dropFirst().dropLast()
  }

  /// Whoever may enter the folder is let in by the files, so that the daemon alone decides.
  private func open(_ daemon: Daemon) {
    for path in [daemon.directory, daemon.signin, daemon.admin] { #expect(chmod(path, 0o777) == 0) }
  }

  @Test("decides on an admin socket, whatever the mode of its file")
  func administers() async throws {
    try await House.with(settings: "[limits]\ntrusted-uids = [\(Self.listed)]\nrefusal-floor = \"20ms\"\n") { house in
      let person = try house.people("jdoe")[0]
      open(house.daemon)
      let lines = ["DEACTIVATE \(person.mail)", "SHOW \(person.mail)", "LIST", "STATUS"]
      for reply in try replies(as: Self.nobody, at: house.daemon.admin, Array(lines.prefix(2))) {
        #expect(reply.hasPrefix("ERR not-permitted"), "\(reply)")
      }
      for line in lines {
        #expect(
          try replies(as: Self.nobody, at: house.daemon.admin, [line])[0].hasPrefix("ERR not-permitted"), "\(line)")
      }
      #expect(try house.slapd.entry(person).string("drawbridgeDeactivatedTime") == nil)
      for uid in [0, Self.listed] {
        #expect(try replies(as: uid, at: house.daemon.admin, ["SHOW \(person.mail)"])[0].hasPrefix("OK "), "\(uid)")
      }
    }
  }

  @Test("does not make a sign-in socket one to administer by")
  func signsIn() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      open(house.daemon)
      for uid in [0, Self.nobody] {
        let reply = try replies(as: uid, at: house.daemon.signin, ["DEACTIVATE \(person.mail)"])[0]
        #expect(reply.hasPrefix("ERR not-permitted"), "\(uid): \(reply)")
      }
      #expect(try house.slapd.entry(person).string("drawbridgeDeactivatedTime") == nil)
    }
  }

  @Test("is asked about accounts, and its word for a source taken, where it is listed alone")
  func isTrusted() async throws {
    try await House.with(settings: "[limits]\ntrusted-uids = [\(Self.listed)]\nrefusal-floor = \"20ms\"\n") { house in
      let person = try house.people("jdoe")[0]
      open(house.daemon)
      let asked = "ACCOUNT \(person.mail) service=pam"
      #expect(try replies(as: Self.nobody, at: house.daemon.signin, [asked])[0].hasPrefix("ERR not-permitted"))
      #expect(try replies(as: Self.listed, at: house.daemon.signin, [asked])[0].hasPrefix("OK active"))
      // Of a stranger every source is the same one, whatever it says.
      let guesses = (0..<5).flatMap { ["FORGOT nobody\($0)@example.org from=203.0.113.\($0)", "TOTP 000000"] }
      #expect(try replies(as: Self.listed, at: house.daemon.signin, guesses).allSatisfy { $0.hasPrefix("ASK totp") })
      #expect(try replies(as: Self.nobody, at: house.daemon.signin, guesses).contains { $0.hasPrefix("NO locked") })
    }
  }
}
