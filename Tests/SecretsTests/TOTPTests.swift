import Fixtures
import Secrets
import Testing

struct TOTPTests {
  private static let digits = Array("1234567890".utf8)
  private static func seed(_ count: Int) -> Secret { Secret((0..<count).map { digits[$0 % 10] }) }
  private let totp = TOTP(secret: Self.seed(20))

  /// RFC 4226, appendix D.
  @Test func countsAsHOTPDoes() {
    let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    for (counter, code) in codes.enumerated() { #expect(totp.code(at: Int64(counter)) == Array(code.utf8)) }
  }

  /// RFC 6238, appendix B.
  @Test(
    arguments: [
      (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
      (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
      (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
    ] as [(Int64, String, String, String)])
  func agreesWithTheStandard(time: Int64, sha1: String, sha256: String, sha512: String) {
    for (algorithm, length, code) in [(TOTP.Algorithm.sha1, 20, sha1), (.sha256, 32, sha256), (.sha512, 64, sha512)] {
      let totp = TOTP(secret: Self.seed(length), algorithm: algorithm, digits: 8)
      #expect(totp.code(at: totp.step(at: time)) == Array(code.utf8))
    }
  }

  @Test func agreesWithOathtool() throws {
    var generator = SystemRandomNumberGenerator()
    for round in 0..<200 {
      let secret = (0..<TOTP.secretLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let time = Int64.random(in: 0...20_000_000_000, using: &generator)
      let algorithm = TOTP.Algorithm.allCases[round % 3]
      let hexadecimal = secret.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      let theirs = try Command.run(
        "oathtool", ["--totp=\(algorithm.rawValue)", "--digits=6", "--now=@\(time)", hexadecimal])
      let totp = TOTP(secret: Secret(secret), algorithm: algorithm)
      #expect(String(decoding: totp.code(at: totp.step(at: time)), as: UTF8.self) + "\n" == theirs.output)
    }
  }

  @Test(arguments: [(0, 0), (29, 0), (30, 1), (59, 1), (-1, -1), (-30, -1), (-31, -2), (.max, .max / 30)])
  func stepsAreWholePeriods(time: Int64, step: Int64) { #expect(totp.step(at: time) == step) }

  @Test(arguments: [(-2, nil), (-1, 999), (0, 1000), (1, nil)] as [(Int64, Int64?)])
  func takesThePresentStepAndTheOneBefore(offset: Int64, matched: Int64?) {
    #expect(totp.match(totp.code(at: 1000 + offset), at: 30_000) == matched)
  }

  @Test func aWiderWindowReachesFurtherButHasAnEnd() {
    #expect(totp.match(totp.code(at: 1001), at: 30_000, window: -1...1) == 1001)
    #expect(totp.match(totp.code(at: 989), at: 30_000, window: -1000...1000) == nil)
    for time in [Int64.min, .max] { _ = totp.match(Array("000000".utf8), at: time, window: .min ... .max) }
  }

  @Test func theNewestOfEqualCodesCounts() throws {
    // Two steps of this secret, eight apart or fewer, have the same code of six digits.
    let pair = try #require((0..<Int64(3_000_000)).lazy.compactMap { Self.twin(totp, $0) }.first)
    #expect(totp.match(totp.code(at: pair.0), at: pair.1 * 30, window: (pair.0 - pair.1)...0) == pair.1)
  }

  private static func twin(_ totp: TOTP, _ step: Int64) -> (Int64, Int64)? {
    let code = totp.code(at: step)
    return totp.code(at: step + 1) == code ? (step, step + 1) : nil
  }

  @Test(arguments: [
    " CODE", "CODE ", "+CODE", "CODE\n", "CODE\0", "\0CODE", "0CODE", "CODE0", "", "0", "+12345", "0x1234", "12345",
    "1234567",
    "１２３４５６", "12345６", "1234\u{0660}", "12.456", "123 456", "-12345", "1e1000",
  ])
  func takesNothingButSixDigits(typed: String) throws {
    for step in 999...1000 as ClosedRange<Int64> {
      let code = String(decoding: totp.code(at: step), as: UTF8.self)
      let text = typed.split(separator: "CODE", omittingEmptySubsequences: false).joined(separator: code)
      #expect(totp.match(Array(text.utf8), at: 30_000) == nil)
      #expect(totp.match(Array(code.utf8.dropLast()), at: 30_000) == nil)
      let fullWidth = code.unicodeScalars.compactMap { Unicode.Scalar($0.value - 0x30 + 0xFF10) }
      #expect(totp.match(Array(String(String.UnicodeScalarView(fullWidth)).utf8), at: 30_000) == nil)
    }
  }

  @Test func zerosInFrontAreDigits() throws {
    let step = try #require((1000..<Int64(2000)).first { totp.code(at: $0).first == UInt8(ascii: "0") })
    #expect(totp.match(totp.code(at: step), at: step * 30) == step)
    #expect(totp.match(Array(totp.code(at: step).dropFirst()), at: step * 30) == nil)
  }

  @Test func theURIIsPercentEncodedAsUTF8() {
    let totp = TOTP(secret: Secret("12345678901234567890".utf8))
    #expect(
      totp.uri(issuer: "Müller & Co", account: "a:b?x=&@ex")
        == "otpauth://totp/M%C3%BCller%20%26%20Co:a%3Ab%3Fx%3D%26%40ex?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        + "&issuer=M%C3%BCller%20%26%20Co&algorithm=SHA1&digits=6&period=30")
  }

  @Test func oddSettingsCountAsTheNearest() {
    #expect(TOTP(secret: Secret([1]), digits: 0, period: 0).code(at: 1).count == 6)
    #expect(TOTP(secret: Secret([1]), digits: 99, period: -1).code(at: 1).count == 8)
    #expect(TOTP(secret: Secret([]), digits: 6).code(at: .min).count == 6)
  }
}

struct Base32Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
    ("foobar", "MZXW6YTBOI"),
  ])
  func agreesWithTheStandard(plain: String, text: String) {
    #expect(Base32.encode(plain.utf8) == text)
    #expect(Base32.decode(Array(text.utf8)) == Array(plain.utf8))
    #expect(Base32.decode(Array(text.lowercased().utf8)) == Array(plain.utf8))
    let padding = String(repeating: "=", count: (8 - text.utf8.count % 8) % 8)
    #expect(Base32.decode(Array((text + padding).utf8)) == Array(plain.utf8))
  }

  @Test(arguments: [
    "M", "MZX", "MZXW6Y", "MZ", "M Y", "MY=", "MY=MY", "MY======MY======", "M1", "M8", "=", "ＭＹ", "MY\0",
  ])
  func takesNothingElse(text: String) { #expect(Base32.decode(Array(text.utf8)) == nil) }
}
