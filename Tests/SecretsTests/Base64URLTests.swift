import Secrets
import Testing

@Suite("base64url") struct Base64URLTests {
  @Test("what is encoded is decoded, and is plain in files, addresses and lines of the protocol")
  func thereAndBack() throws {
    for count in 0..<70 {
      let bytes = try SystemRandom.bytes(count)
      let text = Base64URL.encode(bytes)
      #expect(
        text.utf8.allSatisfy {
          (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
        })
      #expect(Base64URL.decode(Array(text.utf8)) == bytes)
    }
    #expect(Base64URL.encode([0xFB, 0xFF, 0xFE]) == "-__-")  // RFC 4648, section 5
  }

  @Test(
    "every value is written in one way alone",
    arguments: ["A", "AB", "AAB", "AA=", "AA==", "A+AA", "A/AA", "A AA", "AAA\n"])
  func strict(_ text: String) { #expect(Base64URL.decode(Array(text.utf8)) == nil) }
}
