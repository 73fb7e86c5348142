import Fixtures
import Foundation
import Testing

/// AD-04.
@Suite("Warnings of inactivity", .serialized) struct SweepWarningTests {
  private var now: Int { Int(Date().timeIntervalSince1970) }
  /// So many whole days are left, and half a day.
  private func left(_ days: Int) -> [String] { lastUsed(now - (365 - days) * daySeconds + daySeconds / 2) }

  @Test("go out once for each time, and are stamped")
  func once() async throws {
    try await House.with(settings: unpaced) { house in
      for days in [40, 30, 29, 12, 6, 0] { try house.slapd.add(Slapd.account("left\(days)", left(days))) }
      let admin = try house.daemon.adminClient()
      let foretold = try admin.send("SWEEP dry-run")
      #expect(number("warned", of: foretold) == 4)
      let expected = ["left29": "would-warn", "left12": "would-warn", "left6": "would-warn", "left0": "would-warn"]
      #expect(acts(admin.items) == expected)
      #expect(try house.slapd.count("(|(drawbridgeWarnedTime=*)(drawbridgeWarningClaimed=*))") == 0)

      #expect(number("warned", of: try admin.send("SWEEP")) == 4)
      #expect(acts(admin.items) == expected.mapValues { _ in "warned" })
      for (uid, days) in [("left29", 30), ("left12", 13), ("left6", 7), ("left0", 1)] {
        let text = try house.mail.message(to: "\(uid)@example.org").replacingOccurrences(of: "=\n", with: "")
        #expect(text.contains("deactivated in \(days) days"), "\(text)")
        #expect(text.contains("Subject: Your Single Sign-On account will be deactivated"))
        let standing = try house.slapd.standing(uid)
        #expect(standing["drawbridgeWarnedTime"] != .some(nil) && standing["drawbridgeWarningClaimed"] == .some(nil))
      }
      #expect(number("warned", of: try admin.send("SWEEP")) == 0)
      #expect(house.mail.messages(to: nil).count == 4)
      // Stamped before the time for seven days had come, it is warned again.
      try house.slapd.modify(
        Person("left6"), "replace: drawbridgeWarnedTime\ndrawbridgeWarnedTime: \(generalizedTime(now - 5 * daySeconds))"
      )
      #expect(number("warned", of: try admin.send("SWEEP")) == 1)
      #expect(house.mail.messages(to: "left6@example.org").count == 2)
    }
  }

  @Test("none, where the configuration wants none, where mail is off, and without an address")
  func none() async throws {
    try await House.with(settings: "[inactivity]\nwarn-before = []\n") { house in
      try house.slapd.add(Slapd.account("left3", left(3)))
      #expect(number("warned", of: try house.daemon.adminClient().send("SWEEP")) == 0)
      let silent = try Daemon(directory: house.slapd.uri, mailPort: nil, keys: house.daemon.keys)
      defer { silent.end() }
      #expect(number("warned", of: try silent.adminClient().send("SWEEP")) == 0)
      #expect(try house.slapd.count("(|(drawbridgeWarnedTime=*)(drawbridgeWarningClaimed=*))") == 0)
    }
    try await House.with { house in
      try house.slapd.add(Slapd.account("left3", left(3)))
      try house.slapd.modify(Person("left3"), "delete: mail")
      let admin = try house.daemon.adminClient()
      try admin.send("SWEEP")
      #expect(admin.items.contains { $0.contains("action=skipped reason=no%20mail%20address") })
    }
  }

  @Test("are claimed: one that another daemon is about to send is left to it for a quarter of an hour")
  func claims() async throws {
    try await House.with(settings: unpaced) { house in
      for (uid, claimed) in [("held", now - 600), ("left", now - 960), ("ahead", now + daySeconds)] {
        try house.slapd.add(
          Slapd.account(uid, left(3) + ["drawbridgeWarningClaimed: \(generalizedTime(claimed))"]))
      }
      let admin = try house.daemon.adminClient()
      #expect(number("warned", of: try admin.send("SWEEP")) == 2)
      #expect(acts(admin.items) == ["held": "skipped", "left": "warned", "ahead": "warned"])
      #expect(house.mail.messages(to: "held@example.org").isEmpty)
    }
  }

  @Test("three daemons that sweep at once send one each, and deactivate once")
  func threeDaemons() async throws {
    try await House.with(settings: unpaced) { house in
      let others = try (0..<2).map { _ in
        try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: house.daemon.keys, settings: unpaced)
      }
      defer { for other in others { other.end() } }
      try house.slapd.add(40, "soon", left(5))
      try house.slapd.add(15, "idle", lastUsed(1_577_836_800))
      let admins = try ([house.daemon] + others).map { try $0.adminClient() }
      let replies = Replies()
      inParallel(3) { index in replies.add((try? admins[index].send("SWEEP", within: 120)) ?? "no answer") }
      let all = replies.all
      #expect(all.allSatisfy { $0.hasPrefix("OK swept") }, "\(all)")
      #expect(all.compactMap { number("warned", of: $0) }.reduce(0, +) == 40)
      #expect(all.compactMap { number("deactivated", of: $0) }.reduce(0, +) == 15)
      #expect(try house.slapd.deactivated() == 15)
      #expect(try house.slapd.count("(drawbridgeWarnedTime=*)") == 40)
      #expect(try house.slapd.count("(drawbridgeWarningClaimed=*)") == 0)
      #expect(house.mail.messages(to: nil).count == 40)
      for index in 0..<40 { #expect(house.mail.messages(to: "soon\(index)@example.org").count == 1) }
    }
  }

  @Test("that the mail server refuses are not stamped, and tried again by the next sweep after the claim")
  func refused() async throws {
    try await Slapd.with { slapd in
      let server = try MoodyMailServer()
      defer { server.end() }
      let daemon = try Daemon(directory: slapd.uri, mailPort: server.port, settings: unpaced, hasOwnClock: true)
      defer { daemon.end() }
      try slapd.add(5, "soon", left(5))
      let admin = try daemon.adminClient()
      server.refuses(true)
      #expect(number("warned", of: try admin.send("SWEEP")) == 0)
      // After three in a row the rest is not even tried.
      #expect(try slapd.count("(drawbridgeWarningClaimed=*)") == 3)
      #expect(try slapd.count("(drawbridgeWarnedTime=*)") == 0)
      server.refuses(false)
      #expect(number("warned", of: try admin.send("SWEEP")) == 2)
      try daemon.moveClock(by: 901)
      #expect(number("warned", of: try admin.send("SWEEP")) == 3)
      #expect(try slapd.count("(drawbridgeWarnedTime=*)") == 5)
      #expect(try slapd.count("(drawbridgeWarningClaimed=*)") == 0)
      #expect(server.accepted == 5)
      #expect(number("warned", of: try admin.send("SWEEP")) == 0)
    }
  }

  @Test("are forgotten when the owner signs in, and when the account is reactivated")
  func signInClears() async throws {
    try await House.with(settings: unpaced) { house in
      let person = try house.people("jdoe", attributes: Array(left(5).dropFirst()))[0]
      let admin = try house.daemon.adminClient()
      #expect(number("warned", of: try admin.send("SWEEP")) == 1)
      let claim = "replace: drawbridgeWarningClaimed\ndrawbridgeWarningClaimed: \(generalizedTime(now))"
      try house.slapd.modify(person, claim)
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      var standing = try house.slapd.standing("jdoe")
      #expect(standing["drawbridgeWarnedTime"] == .some(nil) && standing["drawbridgeWarningClaimed"] == .some(nil))
      #expect(number("warned", of: try admin.send("SWEEP")) == 0)

      try house.slapd.modify(
        person,
        "\(claim)\n-\nadd: drawbridgeWarnedTime\ndrawbridgeWarnedTime: 20200101000000Z\n-\n"
          + "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20200101000000Z\n-\ndelete: drawbridgeIdleSince"
      )
      #expect(try admin.send("REACTIVATE \(person.mail)").hasPrefix("OK reactivated"))
      standing = try house.slapd.standing("jdoe")
      #expect(standing["drawbridgeWarnedTime"] == .some(nil) && standing["drawbridgeWarningClaimed"] == .some(nil))
    }
  }
}

/// What several threads were answered.
final class Replies: @unchecked Sendable {
  private let lock = NSLock()
  private var replies: [String] = []
  var all: [String] { lock.withLock { replies } }
  func add(_ reply: String) { lock.withLock { replies.append(reply) } }
}

/// A mail server that refuses every recipient for good, or takes all, as its file says.
final class MoodyMailServer {
  let port: Int
  private let folder: String
  private let child: Child

  init() throws {
    port = try freePort()
    folder = try temporaryDirectory()
    let script = """
      import os, socket, sys
      server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
      while True:
          client, _ = server.accept()
          lines = client.makefile("rb")
          client.sendall(b"220 x\\r\\n")
          isData = False
          for line in lines:
              verb = line[:4].upper()
              if isData:
                  if line != b".\\r\\n": continue
                  isData = False
                  with open("accepted", "a") as file: file.write("x")
                  client.sendall(b"250 taken\\r\\n")
              elif verb == b"RCPT" and os.path.exists("refuses"): client.sendall(b"550 no\\r\\n")
              elif verb == b"DATA":
                  isData = True
                  client.sendall(b"354 go\\r\\n")
              elif verb == b"QUIT":
                  client.sendall(b"221 bye\\r\\n")
                  break
              else: client.sendall(b"250 x\\r\\n")
          client.close()
      """
    child = try Child(["/usr/bin/python3", "-c", script, "\(port)"], in: folder, log: "\(folder)/log")
  }

  func refuses(_ refuses: Bool) {
    if refuses {
      _ = FileManager.default.createFile(atPath: "\(folder)/refuses", contents: nil)
    } else {
      try? FileManager.default.removeItem(atPath: "\(folder)/refuses")
    }
  }

  var accepted: Int { (FileManager.default.contents(atPath: "\(folder)/accepted") ?? Data()).count }

  func end() {
    child.end()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
