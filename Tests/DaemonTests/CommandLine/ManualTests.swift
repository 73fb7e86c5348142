import Fixtures
import Foundation
import Testing

@Suite("Completions and manual pages") struct ManualTests {
  @Test("are made from the commands themselves", arguments: [("drawbridge", "1"), ("drawbridged", "8")])
  func pages(program: String, section: String) throws {
    let dump = try Command.run(Daemon.binary(program), ["--experimental-dump-help"])
    let page = try Command.run("\(repository)/docs/man/generate", [program, section], input: dump.output)
    #expect(page.status == 0, "\(page.errors)")
    #expect(page.output.hasPrefix(".TH \"\(program.uppercased())\" \"\(section)\""))
    for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "SEE ALSO"] {
      #expect(page.output.contains("\n.SH \(title)\n"))
    }
    if program == "drawbridge" {
      for command in [
        "user import", "user list", "user signout", "sweep", "status", "doctor", "signin", "session", "signout",
        "keys jwks",
      ] {
        #expect(page.output.contains("\n.SS drawbridge \(command)\n"), "\(command)")
      }
    }
    // Where there is a troff to ask.
    let rendered = try Command.run("groff", ["-man", "-ww", "-z", "-T", "utf8"], input: page.output)
    #expect(rendered.status == 127 || (rendered.status == 0 && rendered.errors.isEmpty), "\(rendered.errors)")
  }

  @Test("of bash can be read by bash", arguments: ["drawbridge", "drawbridged"])
  func completions(program: String) throws {
    let script = try Command.run(Daemon.binary(program), ["--generate-completion-script", "bash"])
    #expect(script.output.contains("complete"))
    let read = try Command.run("bash", ["-n"], input: script.output)
    #expect(read.status == 0, "\(read.errors)")
  }
}
