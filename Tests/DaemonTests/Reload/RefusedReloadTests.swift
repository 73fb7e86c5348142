import Fixtures
import Foundation
import Testing

/// A configuration that is wrong changes nothing.
@Suite("A reload of what is wrong", .serialized) struct RefusedReloadTests {
  enum Fault: String, CaseIterable, CustomTestStringConvertible {
    case syntax, unknownSetting, missingKeyRing, missingCertificate, certificateOfAnotherKey, missingTexts,
      missingBlockedList

    var testDescription: String { rawValue }

    func make(_ daemon: Daemon, _ listener: TLSListener) throws {
      switch self {
      case .syntax: try daemon.change("[texts]", to: "[texts")
      case .unknownSetting: try daemon.change("[texts]", to: "[texts]\nkontakt = \"Bob\"")
      case .missingKeyRing: try daemon.change("ring = \"\(daemon.keys)\"", to: "ring = \"\(daemon.directory)/none\"")
      case .missingCertificate: try daemon.change(listener.certificate, to: "\(daemon.directory)/none.pem")
      case .certificateOfAnotherKey:
        try daemon.change(listener.certificate, to: "\(listener.certificates.directory)/misnamed.pem")
      case .missingTexts: try daemon.change("[texts]", to: "[texts]\nfolder = \"\(daemon.directory)/none\"")
      case .missingBlockedList:
        try daemon.change("[texts]", to: "[password]\nblocked-list = \"\(daemon.directory)/none\"\n[texts]")
      }
    }

    /// What the reason names.
    var reason: String {
      switch self {
      case .syntax: "drawbridged.toml"
      case .unknownSetting: "kontakt"
      case .missingKeyRing: "keys.ring"
      case .missingCertificate: "listen.certificate"
      case .certificateOfAnotherKey: "listen.key"
      case .missingTexts: "/none"
      case .missingBlockedList: "password.blocked-list"
      }
    }
  }

  @Test("says why, and leaves everything as it was", arguments: Fault.allCases)
  func refused(fault: Fault) async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try await House.with(settings: listener.table() + "[texts]\ncontact = \"Ann\"\n") { house in
      let good = try String(contentsOfFile: house.daemon.configuration, encoding: .utf8)
      try house.daemon.change("\"Ann\"", to: "\"Bob\"")
      try fault.make(house.daemon, listener)
      let reply = try house.daemon.reload()
      #expect(reply.hasPrefix("NO bad-configuration") && reply.contains(fault.reason), "\(reply)")
      #expect(try house.daemon.client().send("SUPPORT").contains("contact=Ann"))
      #expect(try listener.ask([], ["-showcerts"]).errors.contains("CN = good"))
      #expect(try house.daemon.status().contains(" reload-failed="))
      #expect(house.daemon.log.contains("not reloaded"))
      #expect(house.audit("reload").count { $0.contains("result=refused") } == 1)

      try good.write(toFile: house.daemon.configuration, atomically: true, encoding: .utf8)
      #expect(try house.daemon.reload() == "OK reloaded")
      #expect(try !house.daemon.status().contains("reload-failed"))
    }
  }

  @Test("is told by the command's exit status, and a good one's too")
  func command() async throws {
    try await House.with(settings: "[texts]\ncontact = \"Ann\"\n") { house in
      try house.daemon.change("\"Ann\"", to: "\"Bob\"")
      let good = try house.drawbridge("reload")
      #expect(good.status == 0 && good.output.contains("texts.contact"), "\(good)")
      try house.daemon.change("[texts]", to: "[text]")
      let bad = try house.drawbridge("reload")
      #expect(bad.status == 1 && bad.errors.contains("text"), "\(bad)")
    }
  }

  @Test("is told to the service manager, by a signal, too")
  func signal() async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try NotifySocket("\(folder)/notify")
    try await Slapd.with { slapd in
      let daemon = try Daemon(
        directory: slapd.uri, mailPort: nil, settings: "[texts]\ncontact = \"Ann\"\n",
        under: ["env", "NOTIFY_SOCKET=\(socket.name)"])
      defer { daemon.end() }
      func told(_ state: String) throws -> [String] {
        while true {
          let lines = try socket.next()
          if lines.first == state { return lines }
        }
      }
      _ = try told("READY=1")
      try daemon.change("\"Ann\"", to: "\"Bob\"")
      #expect(kill(daemon.pid, SIGHUP) == 0)
      #expect(try told("RELOADING=1").last?.hasPrefix("MONOTONIC_USEC=") == true)
      #expect(try told("READY=1") == ["READY=1", "STATUS=serving"])
      #expect(try daemon.client().send("SUPPORT").contains("contact=Bob"))
      try daemon.change("[texts]", to: "[text]")
      #expect(kill(daemon.pid, SIGHUP) == 0)
      _ = try told("RELOADING=1")
      #expect(try told("READY=1").last?.hasPrefix("STATUS=serving; not reloaded: ") == true)
      #expect(try daemon.client().send("SUPPORT").contains("contact=Bob"))
    }
  }
}
