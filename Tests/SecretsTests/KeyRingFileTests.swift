import Fixtures
import Foundation
import Glibc
import Secrets
import Testing

@Suite("A key ring that is changed") struct KeyRingChangeTests {
  private static let random: RandomBytes = { count throws(RandomFailure) in try SystemRandom.bytes(count) }
  private static let key = Data(0..<32).base64EncodedString()
  private static let text = "# ours\n7 active \(key)  # the first\n\n3 open \(key) 1700000000"

  private func with(_ text: String = Self.text, mode: Int = 0o400, _ body: (KeyRingFile) throws -> Void) throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/keys"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    try body(KeyRingFile(path: path))
    // Nothing is left beside it.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "link" } == ["keys"])
  }

  private func content(_ file: KeyRingFile) throws -> String { try String(contentsOfFile: file.path, encoding: .utf8) }

  private func status(_ file: KeyRingFile) -> stat {
    var status = stat()
    stat(file.path, &status)
    return status
  }

  @Test("keeps every byte of the old one, its owner and its mode, when a key is added", arguments: [0o400, 0o600])
  func add(mode: Int) throws {
    try with(mode: mode) { file throws in
      if geteuid() == 0 { chown(file.path, 65_534, 65_533) }
      let id = try file.add(random: Self.random)
      #expect(try content(file).hasPrefix(Self.text + "\n\(id) open "))
      let ring = try file.ring()
      #expect(ring.keyIDs == [3, 7, id].sorted() && ring.activeKeyID == 7 && ring.closed == [3: 1_700_000_000])
      let status = status(file)
      #expect(status.st_mode & 0o7777 == UInt32(mode))
      if geteuid() == 0 { #expect(status.st_uid == 65_534 && status.st_gid == 65_533) }
    }
  }

  @Test("seals under the key that was made active, and tells since when the one before does not")
  func activate() throws {
    try with { file throws in
      #expect(try file.activate(3, now: 1_800_000_000) == 7)
      let lines = "# ours\n7 open \(Self.key) 1800000000 # the first\n\n3 active \(Self.key)"
      #expect(try content(file) == lines)
      #expect(throws: KeyRingFailure.self) { try file.activate(3, now: 1) }
      #expect(throws: KeyRingFailure.self) { try file.activate(4, now: 1) }
      #expect(try content(file) == lines)
    }
  }

  @Test("loses a key that is retired, and never the active one")
  func retire() throws {
    try with { file throws in
      #expect(throws: KeyRingFailure.self) { try file.retire(7) }
      #expect(throws: KeyRingFailure.self) { try file.retire(8) }
      #expect(try content(file) == Self.text)
      try file.retire(3)
      #expect(try content(file) == "# ours\n7 active \(Self.key)  # the first\n")
    }
  }

  @Test(
    "is left as it is where it is damaged",
    arguments: ["", "7 active\n", "7 active AAAA\n", "7 active \(key)\n7 open \(key)\n", "7 open \(key) never\n"])
  func damaged(text: String) throws {
    try with(text) { file throws in
      for change in [
        { _ = try file.add(random: Self.random) }, { _ = try file.activate(7, now: 1) }, { try file.retire(7) },
      ] {
        let failure = #expect(throws: KeyRingFailure.self) { try change() }
        #expect(failure?.description.hasPrefix(file.path) == true)
        #expect(failure?.description.contains(Self.key) == false)
      }
      #expect(try content(file) == text)
    }
  }

  @Test("is refused where others may use it", arguments: [0o440, 0o604, 0o620])
  func modes(mode: Int) throws {
    try with(mode: mode) { file throws in
      let failure = #expect(throws: KeyRingFailure.self) { try file.add(random: Self.random) }
      #expect(failure?.description.contains("others than its owner may use it") == true)
      #expect(try content(file) == Self.text)
    }
  }

  @Test("is never a link: that would be replaced, and not what it leads to")
  func link() throws {
    try with { file throws in
      let link = file.path.replacingOccurrences(of: "/keys", with: "/link")
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path)
      #expect(throws: KeyRingFailure.self) { try KeyRingFile(path: link).add(random: Self.random) }
      #expect(try content(file) == Self.text)
    }
  }

  @Test("is changed by one at a time, and what a crash has left of a change is no obstacle")
  func one() throws {
    try with { file throws in
      let folder = open((file.path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY)
      #expect(flock(folder, LOCK_EX) == 0)
      let failure = #expect(throws: KeyRingFailure.self) { try file.add(random: Self.random) }
      #expect(failure?.description.contains("another change") == true)
      close(folder)
      try "half of a".write(toFile: file.path + ".new", atomically: true, encoding: .utf8)
      let id = try file.add(random: Self.random)
      #expect(try file.ring().keyIDs.contains(id))
    }
  }

  @Test("has room, or nothing is changed")
  func room() throws {
    let text = Self.text + "\n" + String(repeating: "# a comment\n", count: 5_440)
    try with(text) { file throws in
      #expect(throws: KeyRingFailure.self) {
        for _ in 0..<20 { _ = try file.add(random: Self.random) }
      }
      #expect(try content(file).hasPrefix(text))
      #expect(throws: Never.self) { try file.ring() }
    }
  }
}
