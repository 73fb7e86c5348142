import Fixtures
import Testing

@testable import drawbridge

@Suite("LDIF of slapd's tools") struct LDIFTests {
  private func parse(_ text: String) -> [LDIFEntry] { LDIFEntry.parse(Array(text.utf8)) }

  @Test("is read with folded lines, base64, comments, CRLF, and values that begin with a blank or hold a colon")
  func reads() {
    let entries = parse(
      "# a comment: no\ndn: cn=config\r\nolcAccess: {1}to * by *\r\n  read\nolcAccess:: ezB9dG8gYXR0cnM9w7w=\n"
        + "olcEmpty:\nolcUrl: ldap://a:1\n\n\ndn: cn=b\nx: 1")
    #expect(entries.map(\.dn) == ["cn=config", "cn=b"])
    #expect(entries[0].ordered("OLCACCESS") == ["to attrs=ü", "to * by * read"])
    #expect(entries[0].values("olcEmpty") == [""] && entries[0].value("olcurl") == "ldap://a:1")
    #expect(entries[1].value("x") == "1" && entries[1].value("y") == nil)
  }

  @Test("of any bytes is read without a trap")
  func anyBytes() {
    var random = SeededGenerator(seed: 1)
    let alphabet = Array("dn: \n\r:=ab{}0#\u{FF}".utf8)
    for _ in 0..<2_000 {
      let bytes = (0..<60).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      _ = LDIFEntry.parse(bytes)
      _ = Rights(parsing: bytes)
      _ = SlapdVersion(parsing: bytes)
      _ = AccessRule(String(decoding: bytes, as: UTF8.self)).isOurs
      _ = DN.parent(of: String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test("gives databases with their overlays, and modules without number, folder and ending")
  func configuration() throws {
    let text = """
      dn: cn=config
      olcThreads: 4

      dn: cn=module{0},cn=config
      olcModuleLoad: {1}argon2.so m=19456  t=2
      olcModuleLoad: {0}/usr/lib/ldap/back_mdb.la

      dn: olcDatabase={1}mdb,cn=config
      olcDatabase: {1}mdb
      olcSuffix: dc=org

      dn: olcDatabase={2}mdb,cn=config
      olcDatabase: {2}mdb
      olcSuffix: dc=example, dc=ORG

      dn: olcOverlay={0}ppolicy,olcDatabase={2}mdb,cn=config
      olcOverlay: {0}ppolicy

      """
    let configuration = try #require(SlapdConfiguration(parse(text)))
    #expect(configuration.modules.map(\.name) == ["back_mdb", "argon2"])
    #expect(configuration.module("argon2")?.arguments == ["m=19456", "t=2"])
    let holding = configuration.database(holding: "ou=people,DC=example,dc=org")
    #expect(holding?.entry.dn == "olcDatabase={2}mdb,cn=config")
    #expect(holding?.overlay("ppolicy") != nil && holding?.overlay("sock") == nil)
    #expect(configuration.database(holding: "ou=x,dc=anexample,dc=org")?.entry.dn == "olcDatabase={1}mdb,cn=config")
    #expect(configuration.database(holding: "dc=com") == nil)
    #expect(SlapdConfiguration(parse("dn: cn=config\nolcThreads: 4\n")) == nil)
    #expect(SlapdConfiguration([]) == nil)
  }
}
