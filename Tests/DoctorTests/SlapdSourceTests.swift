import Fixtures
import Foundation
import Testing

@testable import drawbridge

@Suite("Where slapd's configuration is") struct SlapdSourceTests {
  @Test(
    "is found as Debian's slapd finds it: by SLAPD_CONF, else the folder, else the file",
    arguments: [
      ("", ["slapd.d", "slapd.conf"], "/etc/ldap/slapd.d"), ("", ["slapd.conf"], "/etc/ldap/slapd.conf"),
      ("", [], "/etc/ldap/slapd.d"), ("SLAPD_CONF=\n# SLAPD_CONF=/no\n", ["slapd.conf"], "/etc/ldap/slapd.conf"),
      ("SLAPD_CONF=/no\nSLAPD_CONF=\"/srv/ldap.conf\" # ours\n", ["slapd.d"], "/srv/ldap.conf"),
      ("SLAPD_CONF='/srv/d'", [], "/srv/d"),
    ])
  func standard(settings: String, there: [String], path: String) {
    let found = SlapdSource.standardPath(settings: Array(settings.utf8)) { path in
      there.contains { path == "/etc/ldap/\($0)" }
    }
    #expect(found == path)
  }

  @Test("a folder that nobody else reads is gone at the end, with all that lies in it, also where something failed")
  func folder() throws {
    let files = FileManager.default
    let place = try temporaryDirectory()
    defer { try? files.removeItem(atPath: place) }
    // As in a process, and not as on a thread of the tests' own.
    var (ending, before) = (sigset_t(), sigset_t())
    sigaddset(&ending, SIGTERM)
    sigprocmask(SIG_UNBLOCK, &ending, &before)
    defer { sigprocmask(SIG_SETMASK, &before, nil) }
    try PrivateFolder.with(in: ["/nonexistent", place]) { folder throws(Unseen) in
      #expect((try? files.attributesOfItem(atPath: folder))?[.posixPermissions] as? Int == 0o700)
      try? files.createDirectory(atPath: "\(folder)/a/b", withIntermediateDirectories: true)
      #expect(files.createFile(atPath: "\(folder)/a/b/c", contents: Data()))
      try? files.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: repository)
      #expect(Self.isBlocked(SIGTERM))
    }
    #expect(try files.contentsOfDirectory(atPath: place) == [])
    #expect(files.fileExists(atPath: "\(repository)/Package.swift") && !Self.isBlocked(SIGTERM))
    #expect(throws: Unseen("no")) {
      try PrivateFolder.with(in: [place]) { _ throws(Unseen) in throw Unseen("no") }
    }
    #expect(try files.contentsOfDirectory(atPath: place) == [])
    #expect(throws: Unseen.self) { try PrivateFolder.with(in: ["/nonexistent"]) { _ throws(Unseen) in } }
  }

  private static func isBlocked(_ signal: Int32) -> Bool {
    var mask = sigset_t()
    sigprocmask(SIG_BLOCK, nil, &mask)
    return sigismember(&mask, signal) == 1
  }

  @Test("a small file is read whole, and a long one to its limit")
  func smallFile() throws {
    let path = try temporaryDirectory() + "/file"
    defer { try? FileManager.default.removeItem(atPath: path.replacingOccurrences(of: "/file", with: "")) }
    try Data("SLAPD_CONF=/srv/d\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(SmallFile.read(path) == Array("SLAPD_CONF=/srv/d\n".utf8))
    try Data(repeating: 0x61, count: SmallFile.maxBytes + 1).write(to: URL(fileURLWithPath: path))
    #expect(SmallFile.read(path)?.count == SmallFile.maxBytes && SmallFile.read("/nonexistent") == nil)
  }

  @Test(
    "of a slapd.conf that slapd's tools cannot convert, the bind hook of slapo-sock is seen",
    arguments: [
      ("overlay sock\nsocketpath /s\n sockops\tsearch BIND\n", true), ("overlay sock\nsockops search\n", false),
      ("overlay sock\noverlay ppolicy\nsockops bind", false), ("#overlay sock\nsockops bind", false),
      ("database sock\nsockops bind", false), ("", false),
    ])
  func bindHook(text: String, isThere: Bool) {
    #expect(SlapdConfFile.hasBindHook(Array(text.utf8)) == isThere)
  }
}
