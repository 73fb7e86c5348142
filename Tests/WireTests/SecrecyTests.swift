import Testing
import Wire

@Suite("What was typed is shown by nothing")
struct SecrecyTests {
  static let marker = "Str0ng-Enough"
  static let answers: [Request.Answer] = [
    .password(bytes(marker)), .code(bytes(marker)), .newPassword(bytes(marker)), .confirmPassword(bytes(marker)),
    .totp(bytes(marker)), .recovery(bytes(marker)), .combined(bytes(marker)), .enrol(bytes(marker)),
  ]

  @Test("neither an answer nor a request that holds one", arguments: answers)
  func answersAreHidden(answer: Request.Answer) {
    let request = Request.answer(answer)
    var dumped = ""
    dump(request, to: &dumped)
    dump([answer], to: &dumped)
    for shown in [
      "\(answer)", "\(request)", String(reflecting: answer), String(reflecting: request), "\([request])", dumped,
    ] {
      #expect(shown.contains("********"))
      #expect(!shown.contains(Self.marker))
      #expect(!shown.contains("83, 116"), "the bytes in decimal")
    }
    #expect(answer.bytes == bytes(Self.marker))
    #expect(Mirror(reflecting: answer).children.isEmpty)
  }

  @Test(
    "nor an error's reply",
    arguments: [
      "%@", "@ x", "SIGNIN @ @", "SIGNIN x @=y", "SIGNIN x can=@", "SIGNIN %@", "TOTP é@", "QR @", "SWEEP @",
      "PASSWORD @\0", "AGAIN @",
    ])
  func errorsAreSilent(pattern: String) {
    let line = pattern.split(separator: "@", omittingEmptySubsequences: false).joined(separator: Self.marker)
    do {
      Issue.record("parsed as \(try Request.parse(bytes(line)))")
    } catch {
      #expect(!String(decoding: Reply.err(error).encode(), as: UTF8.self).contains(Self.marker))
      #expect(!String(reflecting: error).contains(Self.marker))
    }
  }
}
