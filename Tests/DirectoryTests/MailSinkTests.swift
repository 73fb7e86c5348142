import Fixtures
import Foundation
import Testing

@Suite("A mail server that keeps what it takes") struct MailSinkTests {
  @Test("each message is found by its recipient, and its code by its number")
  func keeps() throws {
    let sink = try MailSink()
    defer { sink.end() }
    let codes = [("jdoe@example.org", "012345"), ("other@example.org", "999999"), ("jdoe@example.org", "488741")]
    for (to, code) in codes {
      let script =
        "import smtplib,sys; smtplib.SMTP('127.0.0.1',int(sys.argv[1])).sendmail('s@example.org',[sys.argv[2]],"
        + "'Subject: Code\\n\\nYour code is: '+sys.argv[3])"
      let sent = try Command.run("/usr/bin/python3", ["-c", script, "\(sink.port)", to, code])
      #expect(sent.status == 0, "\(sent.errors)")
    }
    #expect(try sink.code(to: "jdoe@example.org") == "012345")
    #expect(try sink.code(to: "jdoe@example.org", number: 2) == "488741")
    #expect(sink.messages(to: "other@example.org").count == 1 && sink.messages().count == 3)
    #expect(throws: FixtureError.self) { try sink.message(to: "nobody@example.org", within: 0.1) }
  }
}
