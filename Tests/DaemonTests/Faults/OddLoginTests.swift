import Fixtures
import Testing

/// ID-01: what is no login of anybody walks as an unknown one, and the directory does not hear of it.
@Suite("An odd login", .serialized) struct OddLoginTests {
  /// `docs/protocol.md`, "Grammar": what an argument may hold as it is.
  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x01...0x7F).contains(byte) && ![0x0A, 0x0D, 0x20, 0x25, 0x3D].contains(byte)
  }

  @Test("of each byte, as it is, is an ERR or asks for a password")
  func eachByteRaw() async throws {
    try await FaultyHouse.with { house in
      house.proxy.resetCounts()
      for byte in UInt8.min...UInt8.max where byte != 0x0A {
        let client = try house.daemon.client()
        try client.write(Array("SIGNIN a".utf8) + [byte] + Array("b@example.org\n".utf8))
        let reply = try client.reply()
        #expect(reply.hasPrefix(Self.isPlain(byte) ? "ASK password echo=off" : "ERR "), "\(byte): \(reply)")
        #expect(!reply.contains("example"))
      }
      #expect(house.proxy.count(of: .searchRequest) == 0)
      #expect(house.daemon.isAlive)
    }
  }

  @Test("of each byte, encoded, walks as a stranger's; the directory is asked for printable ASCII alone")
  func eachByteEncoded() async throws {
    try await FaultyHouse.with { house in
      // Fifteen wrong answers of one source would be enough.
      for byte in UInt8.min...UInt8.max {
        let client = try house.daemon.client()
        house.proxy.resetCounts()
        let digits = String(byte, radix: 16)
        let opened = try client.send("SIGNIN a%\(digits.count == 1 ? "0" : "")\(digits)b@example.org")
        guard !opened.hasPrefix("ERR") else {
          #expect(byte == 0 || byte == 0x0A || byte == 0x0D || byte > 0x7F, "\(byte): \(opened)")
          continue
        }
        #expect(opened.hasPrefix("ASK password echo=off"))
        #expect(try client.send("PASSWORD wrong").hasPrefix("ASK password echo=off refused=wrong left=4"))
        let isAsked = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "@")
        #expect(house.proxy.count(of: .searchRequest) == (isAsked ? 1 : 0), "\(byte)")
      }
      #expect(house.daemon.isAlive)
    }
  }

  @Test(
    "is nobody's, however slapd would match it",
    arguments: [
      "%20jdoe@example.org", "jdoe@example.org%20", "jdoe@@example.org", "*", "jdoe@*", "j*", "*)(uid=*",
      "jdoe)(uid=jdoe",
      "%2A%29%28uid%3D%2A", "jdoe@example.org%2C", "uid%3Djdoe", "jdoe@example.org%5C", "%5C6adoe@example.org",
      "jdoe%09@example.org",
    ])
  func nobodys(login: String) async throws {
    try await FaultyHouse.with { house in
      let person = try house.person("jdoe")
      let client = try house.daemon.client()
      let reply = try client.send("SIGNIN \(login)")
      guard !reply.hasPrefix("ERR") else { return }
      #expect(try client.send("PASSWORD \(person.password)").contains(" refused=wrong "))
      #expect(try house.charges("drawbridgePasswordTries", of: person) == nil)
    }
  }
}
