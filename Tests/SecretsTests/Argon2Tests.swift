import Testing

@testable import Secrets

struct Argon2Tests {
  /// RFC 9106, section 5.
  @Test(arguments: [
    (Argon2.Variant.argon2d, "512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb"),
    (.argon2i, "c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8"),
    (.argon2id, "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"),
  ])
  func agreesWithTheStandard(variant: Argon2.Variant, tag: String) {
    let made = Secret([UInt8](repeating: 1, count: 32)).withBytes {
      Argon2.reference(
        $0, salt: [UInt8](repeating: 2, count: 16), key: [UInt8](repeating: 3, count: 8),
        data: [UInt8](repeating: 4, count: 12), variant: variant,
        parameters: Argon2Parameters(memoryKiB: 32, passes: 3, lanes: 4), length: 32)
    }
    #expect(made?.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == tag)
  }

  @Test(arguments: [(8, 1), (64, 1), (1023, 2), (4096, 3)], [16, 32, 64])
  func bothLibrariesMakeTheSame(costs: (memoryKiB: UInt32, passes: UInt32), length: Int) {
    let parameters = Argon2Parameters(memoryKiB: costs.memoryKiB, passes: costs.passes, lanes: 1)
    let salt = Array("somesaltsomesalt".utf8)
    for password in ["", "p", "correct horse\0\r\n", String(repeating: "é", count: 2000)] {
      Secret(password.utf8).withBytes { password in
        let sodium = Argon2.sodium(password, salt: salt, parameters: parameters, length: length)
        let reference = Argon2.reference(
          password, salt: salt, variant: .argon2id, parameters: parameters, length: length)
        #expect(sodium != nil && sodium == reference)
      }
    }
  }
}
