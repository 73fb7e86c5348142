import Testing
import Wire

@Suite("A line becomes a request")
struct RequestTests {
  static let jane = bytes("jane@example.org")

  static let understood: [(String, Request)] = [
    ("SIGNIN jane@example.org", .open(.signIn, login: jane, context: .init())),
    ("signin jane%40example.org", .open(.signIn, login: jane, context: .init())),
    ("First jane%40Example.org", .open(.first, login: bytes("jane@Example.org"), context: .init())),
    ("FORGOT jane", .open(.forgot, login: bytes("jane"), context: .init())),
    ("CHANGE %6a%6A", .open(.change, login: bytes("jj"), context: .init())),
    ("SIGNIN jane%20doe%00%ff%0A", .open(.signIn, login: bytes("jane doe\0") + [0xFF, 0x0A], context: .init())),
    (
      "SIGNIN jane from=2001%3Adb8::1 service=sshd lang=nl-BE can=qr,one-prompt",
      .open(
        .signIn, login: bytes("jane"),
        context: .init(
          from: bytes("2001:db8::1"), service: bytes("sshd"), lang: bytes("nl-BE"), can: [.qr, .onePrompt]))
    ),
    ("SIGNIN jane can=", .open(.signIn, login: bytes("jane"), context: .init(can: []))),
    ("SIGNIN jane service=", .open(.signIn, login: bytes("jane"), context: .init(service: []))),
    ("SIGNIN jane service=a=b", .open(.signIn, login: bytes("jane"), context: .init(service: bytes("a=b")))),
    ("SIGNIN :jane", .open(.signIn, login: bytes(":jane"), context: .init())),
    ("PASSWORD  two spaces  ", .answer(.password(bytes(" two spaces  ")))),
    ("password %41=:x", .answer(.password(bytes("%41=:x")))),
    ("PASSWORD ", .answer(.password([]))),
    ("PASSWORD", .answer(.password([]))),
    ("NEW-PASSWORD pässwörd", .answer(.newPassword(bytes("pässwörd")))),
    ("CONFIRM-PASSWORD 密", .answer(.confirmPassword(bytes("密")))),
    ("CODE 488741", .answer(.code(bytes("488741")))),
    ("TOTP 488 741", .answer(.totp(bytes("488 741")))),
    ("ENROL", .answer(.enrol([]))), ("recovery 7hq2-M9 x", .answer(.recovery(Array("7hq2-M9 x".utf8)))),
    ("REENROL jdoe", .open(.reenrol, login: Array("jdoe".utf8), context: .init())),
    ("AGAIN", .answer(.again)),
    ("QR", .qr(.text)), ("QR text", .qr(.text)), ("qr svg", .qr(.svg)),
    ("CANCEL", .cancel), ("PARK", .park), ("RESUME AQ-_", .resume(ticket: bytes("AQ-_"))),
    ("SUPPORT", .support(lang: nil)), ("SUPPORT lang=fr-BE", .support(lang: bytes("fr-BE"))),
    ("HELP", .help), ("pInG", .ping), ("QUIT", .quit),
    ("QUIT\r", .quit),
    ("ACCOUNT jane service=sshd", .account(login: bytes("jane"), service: bytes("sshd"))),
    ("SESSION AB-_", .session(token: bytes("AB-_"), service: nil)),
    ("session AB service=wiki", .session(token: bytes("AB"), service: bytes("wiki"))),
    ("SIGNOUT AB-_", .signOut(token: bytes("AB-_"))), ("JWKS", .keySet),
    ("INVITE jane", .admin(.init(.invite(login: bytes("jane"), attributes: [])))),
    (
      "INVITE jane uid=jane cn=Jane%20Doe sn=Doe givenName=Jane",
      .admin(
        .init(
          .invite(
            login: bytes("jane"),
            attributes: [Field("uid", "jane"), Field("cn", "Jane Doe"), Field("sn", "Doe"), Field("givenName", "Jane")])
        ))
    ),
    ("SHOW jane", .admin(.init(.account(.show, login: bytes("jane"))))),
    ("REACTIVATE jane", .admin(.init(.account(.reactivate, login: bytes("jane"))))),
    ("unlock jane as=t%3Dk", .admin(.init(.account(.unlock, login: bytes("jane")), as: bytes("t=k")))),
    (
      "INVITE jane as=t uid=j",
      .admin(.init(.invite(login: bytes("jane"), attributes: [Field("uid", "j")]), as: bytes("t")))
    ),
    (
      "IMPORT jane hash=%7BSSHA%7Dx%3D mail=j@x",
      .admin(
        .init(
          .importAccount(
            login: bytes("jane"), attributes: [Field("hash", "{SSHA}x="), Field("mail", "j@x")], dryRun: false)))
    ),
    ("IMPORT jane dry-run=yes", .admin(.init(.importAccount(login: bytes("jane"), attributes: [], dryRun: true)))),
    ("ADOPT filter=%28uid=a%2A%29", .admin(.init(.adopt(filter: bytes("(uid=a*)"), dryRun: false)))),
    ("ADOPT dry-run=yes filter=x", .admin(.init(.adopt(filter: bytes("x"), dryRun: true)))),
    ("LIST", .admin(.init(.list([])))),
    (
      "LIST state=locked organisation=a%20b as=t",
      .admin(.init(.list([Field("state", "locked"), Field("organisation", "a b")]), as: bytes("t")))
    ),
    ("SWEEP", .admin(.init(.sweep(.full)))), ("SWEEP dry-run", .admin(.init(.sweep(.dryRun)))),
    ("SWEEP force", .admin(.init(.sweep(.force)))),
    ("UNDO a-b deactivated=2026", .admin(.init(.undo(id: bytes("a-b"), deactivated: bytes("2026"))))),
    ("STATUS", .admin(.init(.status))),
    ("KEYS", .admin(.init(.keys(.status)))), ("KEYS rotate", .admin(.init(.keys(.rotate)))),
    ("CHECK", .admin(.init(.check))),
  ]

  @Test("that it stands for", arguments: understood)
  func parses(line: String, request: Request) throws {
    #expect(try Request.parse(bytes(line)) == request)
    #expect(try Request.parse(bytes(line) + (line.last == "\r" ? [] : [0x0D])) == request)
  }

  @Test("and the same one again after it was encoded", arguments: understood.map(\.1))
  func encodes(request: Request) throws {
    let line = try request.encode()
    #expect(line.last == 0x0A)
    #expect(try Request.parse(line.dropLast()) == request)
  }

  @Test(
    "or an error that names the fault",
    arguments: [
      ("", .unknownVerb), (" PING", .unknownVerb), ("REENROLL jane", .unknownVerb), ("PARKING jane", .unknownVerb),
      ("SIGNIN\tjane", .unknownVerb), ("PASSWORD\tx", .unknownVerb), ("P\u{131}NG", .unknownVerb),
      ("\u{212A}", .unknownVerb),
      ("SIGNIN", .missingArgument), ("SIGNIN ", .missingArgument), ("SIGNIN  jane", .missingArgument),
      ("SIGNIN from=203.0.113.9", .missingArgument), ("SHOW", .missingArgument), ("INVITE uid=x", .missingArgument),
      ("SESSION", .missingArgument), ("SESSION service=x", .missingArgument), ("SIGNOUT", .missingArgument),
      ("SIGNOUT AB service=x", .unexpectedArgument), ("SESSION AB as=x", .unknownField),
      ("JWKS x", .unexpectedArgument),
      ("ACCOUNT jane", .missingArgument), ("ACCOUNT service=sshd", .missingArgument),
      ("PING ", .unexpectedArgument), ("PING x", .unexpectedArgument), ("AGAIN ", .unexpectedArgument),
      ("CANCEL a=b", .unexpectedArgument), ("SIGNIN jane doe", .unexpectedArgument),
      ("SIGNIN jane ", .unexpectedArgument), ("SIGNIN jane  from=x", .unexpectedArgument),
      ("SHOW jane uid=x", .unknownField), ("QR png", .unexpectedArgument), ("QR text svg", .unexpectedArgument),
      ("SWEEP now", .unexpectedArgument), ("SWEEP dry-run x", .unexpectedArgument), ("SWEEP ", .unexpectedArgument),
      ("SIGNIN jane colour=red", .unknownField), ("SIGNIN jane From=x", .unknownField),
      ("SIGNIN jane =x", .unknownField), ("INVITE jane mail=x", .unknownField), ("ACCOUNT jane can=qr", .unknownField),
      ("SIGNIN jane from=a from=a", .repeatedField), ("INVITE jane cn=a sn=b cn=c", .repeatedField),
      ("SIGNIN jane can=fly", .unknownCapability), ("SIGNIN jane can=qr,QR", .unknownCapability),
      ("SIGNIN %", .badEncoding), ("SIGNIN %4", .badEncoding), ("SIGNIN %4g", .badEncoding),
      ("SIGNIN %%41", .badEncoding), ("SIGNIN %+1", .badEncoding), ("SIGNIN jane from=%", .badEncoding),
      ("INVITE jane cn=%zz", .badEncoding),
      ("SIGNIN jäne", .badByte), ("SIGNIN jane cn=ä", .badByte), ("TOTP ４", .badByte), ("CODE é", .badByte),
      ("PASSWORD a\0b", .badByte), ("PASSWORD a\rb", .badByte), ("PASSWORD a\r\r", .badByte),
      ("PASSWORD a\nOK", .badByte), ("SIGNIN root\nQUIT", .badByte), ("\0", .badByte),
    ] as [(String, RequestError)])
  func refuses(line: String, error: RequestError) {
    #expect(throws: error) { try Request.parse(bytes(line)) }
  }

  @Test("whose words and texts are those of a reply", arguments: RequestError.allCases)
  func errorsAreReplies(error: RequestError) throws {
    var parser = ReplyParser()
    #expect(try parser.take(Reply.err(error).encode().dropLast()) == Reply.err(error))
    #expect(error.endsConnection == [.badByte, .lineTooLong].contains(error))
  }

  @Test(
    "but an answer that would arrive as another one is not sent",
    arguments: [bytes("a\r"), bytes("a\nb"), [0x00], [0xFF], bytes(String(repeating: "x", count: 4096))])
  func refusesToEncode(password: [UInt8]) {
    #expect(throws: RequestError.self) { try Request.answer(.password(password)).encode() }
  }
}
