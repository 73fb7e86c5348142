import Fixtures
import Testing
import Wire

@Suite("A reply becomes lines, and lines a reply")
struct ReplyTests {
  @Test(
    "of the grammar",
    arguments: [
      (.ok("pong"), "OK pong\n"),
      (.ok("ready", [Field("protocol", 1)]), "OK ready protocol=1\n"),
      (
        .ask("totp", [Field("digits", 6), Field("echo", "on")], text: "Enter the code: now."),
        "ASK totp digits=6 echo=on :Enter the code: now.\n"
      ),
      (.no("denied", text: ""), "NO denied :\n"),
      (.later("directory-down", after: 5), "LATER directory-down after=5\n"),
      (.err(.unknownVerb), "ERR unknown-verb :There is no such verb. HELP lists them.\n"),
      (.ok("account", [Field("cn", "Ann É :x\n")]), "OK account cn=Ann%20%C3%89%20%3Ax%0A\n"),
      (.ok("a", [Field("n", "-._~aZ09"), Field("e", "")]), "OK a n=-._~aZ09 e=\n"),
      (
        .ok("qr", items: [Item(text: "██  ██"), Item([Field("dn", "a=b")]), Item([Field("a", 1)], text: " : ")]),
        "* :██  ██\n* dn=a%3Db\n* a=1 : : \nOK qr\n"
      ),
    ] as [(Reply, String)])
  func encodes(reply: Reply, lines: String) throws {
    #expect(String(decoding: reply.encode(), as: UTF8.self) == lines)
    #expect(try parse(reply.encode()) == [reply])
  }

  @Test("whose texts cannot end a line or command a terminal")
  func textsAreClean() {
    let reply = Reply.no("denied", text: "a\nOK\r\0\u{1B}[2J\u{7F}\u{9B}é\u{85}")
    #expect(reply.encode() == bytes("NO denied :aOK[2Jé\n"))
    #expect(Reply.ok("a\nOK b").encode() == bytes("OK aOK b\n"), "nor a word, should it ever not be a constant")
    #expect(Reply.ok("a", [Field("n\nOK x", "")]).encode() == bytes("OK a n%0AOK%20x=\n"), "nor a name")
  }

  @Test("of at most 4,096 bytes each, the LF included", arguments: 4060...4110)
  func linesAreBounded(count: Int) throws {
    let long = String(repeating: "é", count: count / 2)
    let text = Reply.ok("x", text: long).encode()
    #expect(text.count <= 4096)
    #expect(long.hasPrefix(try #require(try parse(text).first?.text)), "cut between two characters")
    let value = Reply.ok("x", [Field("long", String(repeating: "a", count: count)), Field("uid", "jane")], text: "t")
    let parsed = try #require(try parse(value.encode()).first)
    #expect(value.encode().count <= 4096)
    #expect(parsed["long"].map { $0.count == count } ?? true, "whole or not at all")
    #expect(parsed["uid"] == bytes("jane") || parsed["long"] != nil)
    #expect(Item(value.fields, text: long).encode().count <= 4096)
    #expect(Reply.ok(String(repeating: "w", count: count)).encode().count <= 4096)
  }

  @Test("and back, whatever they hold", arguments: 0..<500 as Range<UInt64>)
  func roundTrips(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let replies = (0..<4).map { _ in randomReply(&random) }
    #expect(try parse(replies.flatMap { $0.encode() }) == replies)
  }

  @Test(
    "or an error",
    arguments: [
      ("", .malformed), ("OK", .malformed), ("OK ", .malformed), ("ok pong", .malformed), (" OK pong", .malformed),
      ("OK  pong", .malformed), ("OK pong ", .malformed), ("YES pong", .malformed), ("OK :pong", .malformed),
      ("OK po=ng", .malformed), ("OK pong x", .malformed), ("OK pong =x", .malformed), ("OK pong a%41=x", .malformed),
      ("** a=b", .malformed), ("* a", .malformed), ("*", nil), ("* :", nil), ("OK pong\r", nil),
      ("OK pong a=%", .badEncoding), ("* a=%4", .badEncoding),
      ("OK pong a=é", .badByte), ("OK po\0ng", .badByte), ("OK pong :a\rb", .badByte), ("OK pong :a\nb", .badByte),
    ] as [(String, ReplyError?)])
  func refuses(line: String, error: ReplyError?) {
    var parser = ReplyParser()
    if let error {
      #expect(throws: error) { try parser.take(bytes(line)) }
    } else {
      #expect(throws: Never.self) { try parser.take(bytes(line)) }
    }
  }

  @Test("of bytes that are no text")
  func refusesBadText() {
    var parser = ReplyParser()
    #expect(throws: ReplyError.badByte) { try parser.take(bytes("OK pong :") + [0xC3]) }
    #expect(throws: ReplyError.lineTooLong) { try parser.take([UInt8](repeating: 0x41, count: 4097)) }
  }

  @Test("with so many items and no more, and none of another reply's")
  func itemsAreBounded() throws {
    var parser = ReplyParser(itemsMax: 2)
    #expect(try parser.take(bytes("* n=1")) == nil)
    #expect(try parser.take(bytes("* n=2")) == nil)
    #expect(throws: ReplyError.tooManyItems) { try parser.take(bytes("* n=3")) }
    #expect(try parser.take(bytes("OK list")) == .ok("list"), "the items before an error are forgotten")
    #expect(try parser.take(bytes("* n=4")) == nil)
    #expect(try parser.take(bytes("OK list")) == .ok("list", items: [Item([Field("n", 4)])]))
    #expect(try parser.take(bytes("OK list")) == .ok("list"))
  }

  private func parse(_ bytes: [UInt8]) throws -> [Reply] {
    var parser = ReplyParser()
    var replies: [Reply] = []
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      if let reply = try parser.take(Array(line)) { replies.append(reply) }
    }
    return replies
  }

  private func randomReply(_ random: inout SeededGenerator) -> Reply {
    Reply(
      Reply.Kind.allCases.randomElement(using: &random) ?? .ok, random.token(), randomFields(&random),
      text: randomText(&random),
      items: (0..<Int.random(in: 0...3, using: &random)).map { _ in
        Item(randomFields(&random), text: randomText(&random))
      })
  }

  private func randomFields(_ random: inout SeededGenerator) -> [Field] {
    (0..<Int.random(in: 0...5, using: &random)).map { _ in Field(random.token(), random.bytes(upTo: 60)) }
  }

  private func randomText(_ random: inout SeededGenerator) -> String? {
    guard Bool.random(using: &random) else { return nil }
    let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0x20...0x2FFF, using: &random))
    }
    return String(String.UnicodeScalarView(scalars.filter { $0.properties.generalCategory != .control }))
  }
}
