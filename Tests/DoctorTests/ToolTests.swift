import Testing

@testable import drawbridge

@Suite("A tool of the doctor's") struct ToolTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test("is run with what it was given, without a shell, an input or the environment of whoever runs it")
  func runs() throws {
    let argument = "$HOME; echo `id`"
    let printed = try Tool(name: "printf").run(["%s", argument])
    #expect(printed == Tool.Output(status: 0, output: Array(argument.utf8), errors: []))
    #expect(text(try Tool(name: "env").run([]).output) == "LC_ALL=C\nLDAPNOINIT=1\n")
    #expect(try Tool(name: "cat").run([]).output == [])
  }

  @Test("tells its exit status, and complains by its first line")
  func fails() throws {
    let failed = try Tool(name: "cat").run(["/nonexistent"])
    #expect(failed.status == 1 && failed.complaint == "cat: /nonexistent: No such file or directory")
    #expect(try Tool(name: "false").run([]).complaint == "exit status 1")
    // No signal: LDAP's tools end so where there is no server.
    let unreachable = try Tool(name: "ldapwhoami").run(["-Q", "-Y", "EXTERNAL", "-H", "ldapi://%2Fnowhere"])
    #expect(unreachable.status == 255 && unreachable.complaint.contains("Can't contact LDAP server"))
    let killed = try Tool(name: "sh").run(["-c", "echo free >&2; kill -SEGV $$"])
    #expect(killed.complaint == "it crashed (signal 11)")
  }

  @Test("that is not there, does not end, or does not stop talking was not seen")
  func isBounded() {
    #expect(throws: Unseen("no-such-tool is not installed on this host")) {
      try Tool(name: "no-such-tool").run([])
    }
    #expect(throws: Unseen("sleep took longer than 1 s, or said more than 16777216 bytes")) {
      try Tool(name: "sleep", seconds: 1).run(["600"])
    }
    #expect(throws: Unseen("yes took longer than 60 s, or said more than 100000 bytes")) {
      try Tool(name: "yes", seconds: 60, bytesMax: 100_000).run([])
    }
  }
}
