import Fixtures
import Foundation
import Testing

@Suite("Enrolment") struct EnrolmentTests {
  @Test("zbarimg reads the QR picture, its secret gives the right codes, and slapd verifies the password that was set")
  func pictureAndPassword() async throws {
    try await House.with { house in
      let admin = try house.daemon.adminClient()
      #expect(try admin.send("INVITE jdoe@example.org uid=jdoe cn=John sn=Doe").hasPrefix("OK invited"))
      let client = try house.daemon.client()
      try client.send("FIRST jdoe@example.org")
      try client.send("CODE \(try house.mail.code(to: "jdoe@example.org"))")
      try client.send("NEW-PASSWORD Str0ng-Enough")
      #expect(try client.send("CONFIRM-PASSWORD Str0ng-Enough").hasPrefix("ASK enrol"))

      #expect(try client.send("QR svg").hasPrefix("ASK enrol"))
      let picture = "\(house.daemon.directory)/qr"
      try client.items.map { $0.replacingOccurrences(of: "* :", with: "") }.joined(separator: "\n")
        .write(toFile: "\(picture).svg", atomically: true, encoding: .utf8)
      let rendered = try Command.run("rsvg-convert", ["-w", "600", "-o", "\(picture).png", "\(picture).svg"])
      #expect(rendered.status == 0, "\(rendered.errors)")
      let read = try Command.run("zbarimg", ["--raw", "-q", "\(picture).png"]).output
      let address = try #require(URLComponents(string: read.trimmingCharacters(in: .whitespacesAndNewlines)))
      #expect(address.scheme == "otpauth")
      #expect(address.path == "/Single Sign-On:jdoe@example.org")
      let secret = try #require(address.queryItems?.first { $0.name == "secret" }?.value)
      let reply = try client.send("ENROL \(try totp(secret: secret, at: house.daemon.time))")
      #expect(reply.hasPrefix("OK signed-in"))

      func binds(_ password: String) throws -> Bool {
        let bind = ["-x", "-H", house.slapd.uri, "-D", Slapd.dn("jdoe"), "-w", password]
        return try Command.run("ldapwhoami", bind).status == 0
      }
      #expect(try binds("Str0ng-Enough"))
      #expect(try !binds("Str0ng-Enougg"))
    }
  }
}
