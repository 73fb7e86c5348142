import Testing

@testable import Directory

@Suite("A filter that an administrator wrote") struct FilterParsingTests {
  @Test(
    "is read, and written anew",
    arguments: [
      ("(uid=jdoe)", "(uid=jdoe)"), ("(uid=*)", "(uid=*)"), ("(cn=J*)", "(cn=J*)"), ("(cn=*Doe)", "(cn=*Doe)"),
      ("(cn=*a*b*)", "(cn=*a*b*)"), ("(cn=a*b)", "(cn=a*b)"), ("(cn=\\2a)", "(cn=\\2a)"),
      ("(cn=\\28x\\29\\5C)", "(cn=\\28x\\29\\5c)"), ("(cn= )", "(cn=\\20)"),
      ("(createTimestamp>=20260101000000Z)", "(createTimestamp>=20260101000000Z)"),
      ("(createTimestamp<=2)", "(createTimestamp<=2)"), ("(cn=a=b)", "(cn=a\\3db)"),
      ("(&(a=1)(|(b=2)(!(c=3))))", "(&(a=1)(|(b=2)(!(c=3))))"), ("(cn=M\u{FC}ller)", "(cn=M\\c3\\bcller)"),
    ])
  func reads(text: String, anew: String) throws {
    #expect(try Filter(parsing: Array(text.utf8)).text == anew)
  }

  @Test(
    "is refused where it is none, or more than is taken",
    arguments: [
      "", "uid=jdoe", "(uid=jdoe", "(uid=jdoe))", "(uid=jdoe)(uid=x)", "()", "(uid)", "(=x)", "(uid=)", "(&)", "(|)",
      "(!)", "(!(a=1)(b=2))", "(&(a=1)x)", "(cn=a\\2)", "(cn=a\\zz)", "(cn=a(b)", "(cn=a**b)", "(cn=**)", "(cn~=x)",
      "(cn:=x)", "(cn:dn:2.5.13.2:=x)", "(2.5.4.3=x)", "(cn;lang-en=x)", "(cn>x)", "(cn>=)", "(c n=x)", "( cn=x)",
      "(cn=a\0b)", "(a>=b*c)",
    ])
  func refuses(text: String) {
    #expect(throws: FilterError.self) { try Filter(parsing: Array(text.utf8)) }
  }

  @Test("stands no deeper than sixteen, and is no longer than 2,048 bytes")
  func bounded() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "(!", count: depth - 1) + "(a=1)" + String(repeating: ")", count: depth - 1)).utf8)
    }
    _ = try Filter(parsing: nested(16))
    #expect(throws: FilterError.self) { try Filter(parsing: nested(17)) }
    #expect(throws: FilterError.self) { try Filter(parsing: nested(500)) }
    let long = "(a=" + String(repeating: "x", count: 2_044) + ")"
    #expect(long.utf8.count == 2_048)
    _ = try Filter(parsing: Array(long.utf8))
    #expect(throws: FilterError.self) { try Filter(parsing: Array((long + " ").utf8)) }
  }

  @Test(
    "names no password and nothing of Drawbridge's own, however it is spelt or hidden",
    arguments: ["(userpassword=*)", "(!(DRAWBRIDGECode=*))", "(&(uid=a)(|(b=1)(pwdReset=TRUE)))", "(userPassword>=a)"])
  func hidden(text: String) {
    #expect(throws: FilterError.self) { try AccountDirectory.adoptable(Array(text.utf8)) }
  }
}
