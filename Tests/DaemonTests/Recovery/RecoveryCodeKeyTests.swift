import Fixtures
import Foundation
import Testing

@Suite("The key of a recovery code", .serialized) struct RecoveryCodeKeyTests {
  /// A ring in which the key of another is open, and a new one is active.
  private func rotated(_ ring: String, in folder: String) throws -> String {
    let path = "\(folder)/rotated"
    #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", path]).status == 0)
    let old = try String(contentsOfFile: ring, encoding: .utf8).replacingOccurrences(of: " active ", with: " open ")
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(old.utf8))
    try handle.close()
    return path
  }

  @Test("may be an older one of the ring; one that the daemon has not got is a LATER, and no charge")
  func rotation() async throws {
    try await House.with { house in
      let ring = try rotated(house.daemon.keys, in: house.daemon.directory)
      let newer = try Daemon(directory: house.slapd.uri, mailPort: house.mail.port, keys: ring)
      defer { newer.end() }
      let (person, codes) = try house.recoverable("jdoe")
      #expect(try newer.client().recover(person, with: codes[0]).hasPrefix("OK signed-in"))

      let fresh = try house.slapd.giveRecoveryCodes(to: person, keys: ring, count: 2)
      let client = try house.daemon.client()
      #expect(try client.recover(person, with: fresh[0]).hasPrefix("LATER keys after="))
      #expect(try client.send("RECOVERY 0000-0000-00000").hasPrefix("LATER keys after="))
      #expect(try house.slapd.entry(person).string("drawbridgeOTPTries") == nil)
      #expect(house.daemon.log.contains("recovery codes were made under an unknown key"))
      // Those that can be read are good meanwhile, and so is the app.
      #expect(try client.send("RECOVERY \(codes[1])").hasPrefix("OK signed-in"))
      #expect(try client.signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try newer.client().recover(person, with: fresh[0]).hasPrefix("OK signed-in"))
    }
  }
}
