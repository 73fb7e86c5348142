import Foundation
import Secrets
import Testing

struct KeyRingTests {
  static let key = Data(0..<32).base64EncodedString()
  private static func ring(_ text: String) throws(KeyRingFailure) -> KeyRing { try KeyRing(parsing: Array(text.utf8)) }

  @Test func readsKeysAndComments() throws {
    let ring = try Self.ring("# a ring\n\n7 open \(Self.key)\n4294967295 active \(Self.key)\n3 open \(Self.key)")
    #expect(ring.activeKeyID == 4_294_967_295)
    #expect(ring.keyIDs == [3, 7, 4_294_967_295])
    #expect(!"\(ring)".contains("31") && "\(ring)".contains("********"))
  }

  @Test(arguments: [
    "0 active KEY", "-1 active KEY", "+1 active KEY", "4294967296 active KEY", "x active KEY", "1 Active KEY",
    "1 closed KEY",
    "1 active", "1 active KEY KEY", "1 active AAAA", "1 active KEYAAAA", "1 active !!!!", "active KEY",
    "1 active KEY\n1 open KEY", "1 active KEY\n2 active KEY",
  ])
  func aMalformedLineIsNamed(text: String) throws {
    let text = "# comment\n" + text.replacingOccurrences(of: "KEY", with: Self.key)
    let line = text.split(separator: "\n").count
    let failure = #expect(throws: KeyRingFailure.self) { try Self.ring(text) }
    #expect(try #require(failure).description.contains("line \(line)"))
    #expect(try !#require(failure).description.contains(Self.key))
  }

  @Test(arguments: ["", "# nothing\n", "1 open KEY\n"])
  func oneKeyIsActive(text: String) {
    #expect(throws: KeyRingFailure.self) { try Self.ring(text.replacingOccurrences(of: "KEY", with: Self.key)) }
  }

  @Test func lengthHasALimit() {
    let text = "1 active \(Self.key)\n" + String(repeating: "#\n", count: 40_000)
    #expect(throws: KeyRingFailure.self) { try Self.ring(text) }
  }

  @Test func aNewRingHasOneActiveKeyUnderARandomID() throws {
    let random: RandomBytes = { count throws(RandomFailure) in try SystemRandom.bytes(count) }
    let (one, other) = (try KeyRing.generate(random), try KeyRing.generate(random))
    #expect(one != other)
    let ring = try KeyRing(parsing: one)
    #expect(ring.keyIDs == [ring.activeKeyID] && ring.activeKeyID > 0)
    #expect(try KeyRing(parsing: KeyRing.generate { [UInt8](repeating: 0, count: $0) }).activeKeyID > 0)
    #expect(throws: RandomFailure.self) { try KeyRing.generate { _ in [1] } }
  }
}

struct KeyRingFileTests {
  private let random: RandomBytes = { count throws(RandomFailure) in try SystemRandom.bytes(count) }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ring-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: "ring").path)
  }

  @Test func whatIsMadeLoads() throws {
    try inFolder { path in
      try KeyRing.create(path: path, random: random)
      #expect(try KeyRing.load(path: path).keyIDs.count == 1)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func nothingIsEverOverwritten() throws {
    try inFolder { path in
      try KeyRing.create(path: path, random: random)
      let before = FileManager.default.contents(atPath: path)
      #expect(throws: KeyRingFailure.self) { try KeyRing.create(path: path, random: random) }
      #expect(FileManager.default.contents(atPath: path) == before)
      #expect(throws: KeyRingFailure.self) { try KeyRing.create(path: path + "/none", random: random) }
    }
  }

  @Test func noOtherModeThanTheOwnersAloneLoads() throws {
    try inFolder { path in
      try KeyRing.create(path: path, random: random)
      for mode in 0...0o777 as ClosedRange<mode_t> where mode & 0o400 != 0 {
        chmod(path, mode)
        guard mode & 0o077 != 0 else {
          #expect(throws: Never.self) { try KeyRing.load(path: path) }
          continue
        }
        let failure = #expect(throws: KeyRingFailure.self) { try KeyRing.load(path: path) }
        #expect(failure.map { $0.description.contains(path) && $0.description.contains("chmod") } == true)
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func aStrangersFileIsRefused() throws {
    try inFolder { path in
      try KeyRing.create(path: path, random: random)
      chown(path, 12_345, 0)
      let failure = #expect(throws: KeyRingFailure.self) { try KeyRing.load(path: path) }
      #expect(failure.map { $0.description.contains(path) && $0.description.contains("chown") } == true)
    }
  }

  @Test func aLinkToAGoodFileLoads() throws {
    try inFolder { path in
      try KeyRing.create(path: path, random: random)
      try FileManager.default.createSymbolicLink(atPath: path + ".link", withDestinationPath: path)
      #expect(throws: Never.self) { try KeyRing.load(path: path + ".link") }
    }
  }

  @Test(.timeLimit(.minutes(1))) func whatIsNoFileIsRefusedAndNeverWaitedFor() throws {
    try inFolder { path in
      mkfifo(path, 0o600)
      for odd in [path, "/dev/null", "/", "/proc/self/mem", path + ".none"] {
        let failure = #expect(throws: KeyRingFailure.self) { try KeyRing.load(path: odd) }
        #expect(failure.map { $0.description.contains(odd) } == true)
      }
    }
  }

  @Test func aMissingFileNamesTheCommandThatMakesOne() throws {
    let failure = #expect(throws: KeyRingFailure.self) { try KeyRing.load(path: "/nonexistent/ring") }
    #expect(try #require(failure).description.contains("--make-key-ring /nonexistent/ring"))
  }

  @Test func aHugeFileIsRefused() throws {
    try inFolder { path in
      try KeyRing.create(path: path, random: random)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(repeating: 0x0A, count: 65_536))
      try handle.close()
      #expect(throws: KeyRingFailure.self) { try KeyRing.load(path: path) }
    }
  }
}
