import Fixtures
import Foundation
import Secrets
import Testing

@Suite("A key that tokens are signed with") struct SigningKeyTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body("\(folder)/key.pem")
  }

  private func openssl(_ arguments: String...) throws -> [UInt8] {
    let made = try Command.run("openssl", arguments)
    guard made.status == 0 else { throw FixtureError(made.errors) }
    return Array(made.output.utf8)
  }

  @Test("that was made loads, is its owner's alone, and is written over nothing")
  func made() throws {
    try inFolder { path in
      try SigningKey.create(path: path)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      let key = try SigningKey.load(path: path, setting: "jwt.keys")
      #expect(key.x.count == 32 && key.y.count == 32 && key.id.utf8.count == 43)
      #expect(throws: SigningKeyFailure.self) { try SigningKey.create(path: path) }
      #expect(try SigningKey.load(path: path, setting: "jwt.keys").id == key.id)
      #expect(try openssl("pkey", "-in", path, "-noout", "-check").count > 0)
    }
  }

  @Test("is the same in either form that OpenSSL writes")
  func forms() throws {
    try inFolder { path in
      try SigningKey.create(path: path)
      let key = try SigningKey.load(path: path, setting: "jwt.keys")
      let traditional = try openssl("pkey", "-in", path, "-traditional")
      #expect(String(decoding: traditional, as: UTF8.self).contains("BEGIN EC PRIVATE KEY"))
      #expect(try SigningKey(pem: traditional).id == key.id)
      // As `openssl ecparam` writes it: the curve in a block of its own before the key.
      let parameters = try openssl("ecparam", "-name", "prime256v1")
      #expect(try SigningKey(pem: parameters + traditional).id == key.id)
    }
  }

  @Test("is none on another curve, of another kind, without its private half, or under a passphrase")
  func refused() throws {
    let refused: [(String, [UInt8])] = try [
      ("nothing", []), ("no PEM", Array("key".utf8)),
      ("P-384", openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384")),
      ("secp256k1", openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")),
      ("RSA", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")),
      ("Ed25519", openssl("genpkey", "-algorithm", "ED25519")),
      (
        "encrypted",
        openssl(
          "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes-256-cbc", "-pass", "pass:word")
      ),
    ]
    for (what, pem) in refused {
      #expect(throws: SigningKeyFailure.self, "\(what)") { try SigningKey(pem: pem) }
    }
    try inFolder { path in
      try SigningKey.create(path: path)
      let half = try openssl("pkey", "-in", path, "-pubout")
      #expect(throws: SigningKeyFailure.self) { try SigningKey(pem: half) }
      chmod(path, 0o640)
      let failure = #expect(throws: SigningKeyFailure.self) { try SigningKey.load(path: path, setting: "jwt.keys") }
      #expect(failure?.description.contains("jwt.keys") == true && failure?.description.contains("chmod") == true)
      let none = #expect(throws: SigningKeyFailure.self) {
        try SigningKey.load(path: "\(path).none", setting: "jwt.keys")
      }
      #expect(none?.description.contains("--make-jwt-key \(path).none") == true)
    }
  }

  /// A number with leading zeros is one in 256, and still has 32 bytes.
  @Test("signs what another library verifies, in 64 bytes each time")
  func signs() throws {
    try inFolder { path in
      try SigningKey.create(path: path)
      let key = try SigningKey.load(path: path, setting: "jwt.keys")
      let lines = try (0..<1200).map { number in
        let message = Array("message \(number)".utf8)
        let signature = try #require(key.sign(message))
        #expect(signature.count == 64)
        return "\(Self.hex(message)) \(Self.hex(signature))"
      }
      let script = """
        import sys
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        x, y = (int(word, 16) for word in sys.argv[1:])
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        for line in sys.stdin:
            message, signature = (bytes.fromhex(word) for word in line.split())
            r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
            key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
            print("good")
        """
      let verified = try Command.run(
        "/usr/bin/python3", ["-c", script, Self.hex(key.x), Self.hex(key.y)],
        input: lines.joined(separator: "\n") + "\n")
      #expect(verified.output.split(separator: "\n").count == lines.count, "\(verified.errors)")
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
