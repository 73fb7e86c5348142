import Fixtures
import Foundation
import Testing

/// PM-07, PM-08: what the module does to the process that it is in.
@Suite("PAM: a guest in a process", .serialized, .enabled(if: PAMHost.isPossible, "takes root"))
struct PAMBoundsTests {
  private static func converse(
    _ flags: [String], then end: ScriptedDaemon.End? = nil, options: String = "timeout=30", sanitized: Bool = false
  ) throws -> (said: PAMHost.Conversation, connections: Int) {
    let good = [PAMFaultTests.password, PAMFaultTests.totp, PAMFaultTests.good]
    let daemon = try ScriptedDaemon(
      ([ScriptedDaemon.greeting] + (end == nil ? good : [])).map { Array($0.utf8) }, then: end ?? .closes)
    defer { daemon.stop() }
    let host = try PAMHost(socket: daemon.socket, users: ["jdoe"])
    defer { host.end() }
    try host.alone(options, sanitized: sanitized)
    let said = try host.converse("jdoe", PAMFaultTests.answers, options: flags, sanitized: sanitized)
    return (said, daemon.connections)
  }

  @Test("works above 2,000 open descriptors, and leaves none") func descriptors() throws {
    let said = try Self.converse(["-d", "2000"]).said
    #expect(said.code() == PAMCode.success, "\(said.lines)")
    #expect(said.lines.contains("left open: 0"))
  }

  @Test("is not put off by signals, nor kept from its deadline") func signals() throws {
    for _ in 0..<5 { #expect(try Self.converse(["-a"]).said.code() == PAMCode.success) }
    let late = try Self.converse(["-a"], then: .holds, options: "timeout=1").said
    #expect(late.code() == PAMCode.unavailable)
    #expect(late.lines.contains("left open: 0"))
  }

  @Test("serves 32 threads at once") func threads() throws {
    for sanitized in [false, true] {
      let (said, connections) = try Self.converse(["-t", "32"], sanitized: sanitized)
      #expect(said.lines.count { $0 == "authenticate: 0 Success" } == 32, "\(said.lines) \(said.errors)")
      #expect(connections == 32)
    }
  }

  private static func symbols(_ option: String) throws -> Set<String> {
    _ = try PAMHost(socket: "/", users: [])
    let named = try Command.run("nm", ["-D", "-P", option, "\(PAMHost.built)/pam_drawbridge.so"])
    guard named.status == 0 else { throw FixtureError("nm: \(named.errors)") }
    return Set(named.output.split(separator: "\n").map { String($0.prefix { $0 != "@" && $0 != " " }) })
  }

  /// Whatever is called is on this list: no output, no signals, no end of the process, no environment, no locale, no
  /// select(2), no program, and no file but by fopen(3), which opens /etc/passwd.
  @Test("calls nothing but what it needs") func calls() throws {
    // Under _FORTIFY_SOURCE, `memcpy` may be `__memcpy_chk`.
    let called = Set(
      try Self.symbols("-u").filter { !$0.hasPrefix("_ITM_") }.map {
        $0.hasPrefix("__") && $0.hasSuffix("_chk") ? String($0.dropFirst(2).dropLast(4)) : $0
      })
    let allowed: Set = [
      "pam_get_item", "pam_get_user", "pam_syslog", "getpwnam_r", "fopen", "fgets", "ferror", "fclose", "malloc",
      "free",
      "socket", "connect", "getsockopt", "send", "recv", "poll", "close", "lstat", "stat", "clock_gettime", "memchr",
      "memcmp", "memcpy", "memmove", "memset", "strchr", "strrchr", "strcmp", "strncmp", "strcspn", "strsep", "strlen",
      "strnlen",
      "strcat", "strcpy", "stpcpy", "snprintf", "explicit_bzero", "__errno_location", "__stack_chk_fail",
      "__cxa_finalize", "__gmon_start__",
    ]
    #expect(called.subtracting(allowed).isEmpty, "\(called.subtracting(allowed).sorted())")
    #expect(called.isSuperset(of: ["poll", "explicit_bzero", "getsockopt", "lstat"]))
  }

  @Test("is described with every option that it reads, and no other") func documentation() throws {
    let source = try String(contentsOfFile: "\(repository)/Sources/PAM/options.c", encoding: .utf8)
    let reader = try Regex(#"(?:value\(word, |\{)"([a-z_]+)"[,)]"#)
    let options = Set(source.matches(of: reader).compactMap { $0.output[1].substring.map(String.init) })
    #expect(options.count == 10, "\(options)")
    let guide = try String(contentsOfFile: "\(repository)/docs/pam.md", encoding: .utf8)
    let row = try Regex(#"\| `([a-z_]+)(?:=[A-Z]+)?` \|"#)
    #expect(Set(guide.matches(of: row).compactMap { $0.output[1].substring.map(String.init) }) == options)
    let path = "\(repository)/docs/man/pam_drawbridge.8"
    let page = try String(contentsOfFile: path, encoding: .utf8)
    let entry = try Regex(#"\.TP\n\\fB([a-z_]+)(?:=|\\fR)"#)
    #expect(Set(page.matches(of: entry).compactMap { $0.output[1].substring.map(String.init) }) == options)
    let rendered = try Command.run("groff", ["-man", "-ww", "-z", "-T", "utf8", path])
    #expect(rendered.status == 0 && rendered.errors.isEmpty, "\(rendered.errors)")
  }

  @Test("shows the six functions of a module, and needs libpam and libc") func exports() throws {
    let shown = try Self.symbols("--defined-only")
    #expect(
      shown == [
        "pam_sm_acct_mgmt", "pam_sm_authenticate", "pam_sm_chauthtok", "pam_sm_close_session", "pam_sm_open_session",
        "pam_sm_setcred",
      ])
    let headers = try Command.run("objdump", ["-p", "\(PAMHost.built)/pam_drawbridge.so"]).output
    let needed = headers.split(separator: "\n").filter { $0.contains("NEEDED") }
    #expect(Set(needed.compactMap { $0.split(separator: " ").last.map(String.init) }) == ["libpam.so.0", "libc.so.6"])
  }
}
