import Testing
import Wire

@Suite("Every byte, at the beginning, in the middle and at the end")
struct EveryByteTests {
  static let positions: [(before: [UInt8], after: [UInt8])] = [
    ([], bytes("ab")), (bytes("a"), bytes("b")), (bytes("ab"), []),
  ]

  @Test("of a login, encoded, is that byte", arguments: UInt8.min...UInt8.max)
  func encodedLogin(byte: UInt8) throws {
    for (before, after) in Self.positions {
      for letters in ["0123456789ABCDEF", "0123456789abcdef"] {
        let digits = Array(letters.utf8)
        let encoded = before + [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]] + after
        #expect(
          try Request.parse(bytes("SIGNIN ") + encoded)
            == .open(.signIn, login: before + [byte] + after, context: .init()))
      }
      let line = try Request.open(.signIn, login: before + [byte] + after, context: .init()).encode()
      #expect(
        try Request.parse(line.dropLast()) == .open(.signIn, login: before + [byte] + after, context: .init()))
    }
  }

  @Test("of a login, raw, is that byte or an error, and never ends the request", arguments: UInt8.min...UInt8.max)
  func rawLogin(byte: UInt8) {
    for (before, after) in Self.positions {
      let result = outcome(of: bytes("SHOW ") + before + [byte] + after)
      let login = before + [byte] + after
      switch byte {
      case 0x0D where after.isEmpty: #expect(result == .success(.admin(.init(.account(.show, login: before)))))
      case 0x00, 0x0A, 0x0D, 0x80...0xFF: #expect(result == .failure(.badByte))
      case 0x20: #expect(result == .failure(before.isEmpty ? .missingArgument : .unexpectedArgument))
      case 0x25:
        #expect(
          result
            == (after.count == 2 ? .success(.admin(.init(.account(.show, login: [0xAB])))) : .failure(.badEncoding)))
      case 0x3D: #expect(result == .failure(.missingArgument))
      default: #expect(result == .success(.admin(.init(.account(.show, login: login)))))
      }
    }
  }

  @Test("of a password stands for itself, unless no line or no text may hold it", arguments: UInt8.min...UInt8.max)
  func password(byte: UInt8) {
    for (before, after) in Self.positions {
      let typed = before + [byte] + after
      for (verb, answer) in [
        ("PASSWORD", Request.Answer.password), ("NEW-PASSWORD", Request.Answer.newPassword),
        ("CONFIRM-PASSWORD", Request.Answer.confirmPassword),
      ] {
        let result = outcome(of: bytes("\(verb) ") + typed)
        switch byte {
        case 0x0D where after.isEmpty: #expect(result == .success(.answer(answer(before))))
        case 0x00, 0x0A, 0x0D, 0x80...0xFF: #expect(result == .failure(.badByte))
        default: #expect(result == .success(.answer(answer(typed))))
        }
      }
    }
  }

  @Test("of a code stands for itself, for the server to judge", arguments: UInt8.min...UInt8.max)
  func code(byte: UInt8) {
    for (before, after) in Self.positions {
      let typed = before + [byte] + after
      for (verb, answer) in [
        ("CODE", Request.Answer.code), ("TOTP", Request.Answer.totp), ("ENROL", Request.Answer.enrol),
      ] {
        let result = outcome(of: bytes("\(verb) ") + typed)
        switch byte {
        case 0x0D where after.isEmpty: #expect(result == .success(.answer(answer(before))))
        case 0x00, 0x0A, 0x0D, 0x80...0xFF: #expect(result == .failure(.badByte))
        default: #expect(result == .success(.answer(answer(typed))))
        }
      }
    }
  }

  @Test("of a reply's value comes back", arguments: UInt8.min...UInt8.max)
  func value(byte: UInt8) throws {
    for (before, after) in Self.positions {
      let reply = Reply.ok("account", [Field("dn", before + [byte] + after), Field("uid", "jane")])
      var parser = ReplyParser()
      #expect(try parser.take(reply.encode().dropLast()) == reply)
    }
  }

  private func outcome(of line: [UInt8]) -> Result<Request, RequestError> {
    Result { () throws(RequestError) in try Request.parse(line) }
  }
}
