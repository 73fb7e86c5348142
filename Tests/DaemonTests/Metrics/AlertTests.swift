import Fixtures
import Foundation
import Testing

/// `docs/alerts.yml`: rules over series that are there, each with what to do.
@Suite("The alerts", .serialized) struct AlertTests {
  private let rules = "\(repository)/docs/alerts.yml"

  @Test("are rules that Prometheus takes")
  func rulesOfPrometheus() throws {
    let checked = try Command.run("promtool", ["check", "rules", rules])
    #expect(checked.status == 0 && checked.output.contains("rules found"), "\(checked.output)\(checked.errors)")
    let text = try String(contentsOfFile: rules, encoding: .utf8)
    let alerts = text.components(separatedBy: "- alert: ").dropFirst()
    #expect(!alerts.isEmpty)
    for alert in alerts { #expect(alert.contains(" action: \"") && alert.contains("severity: "), "\(alert)") }
    // Where they send a reader, there is something to read.
    let operations = try String(contentsOfFile: "\(repository)/docs/operations.md", encoding: .utf8)
    for match in text.matches(of: /operations\.md, '(?<heading>[^']+)'/) {
      #expect(operations.contains("## \(match.heading)\n"), "\(match.heading)")
    }
  }

  @Test("and docs/operations.md name series that a daemon shows, with labels that they have")
  func series() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try await MetricsHouse.with(settings: listener.table()) { house in
      try house.daemon.awaitMetric("drawbridge_directory_up") { $0 == 1 }
      #expect(try house.daemon.adminClient().send("SWEEP").hasPrefix("OK swept"))
      try house.daemon.terminate()
      try house.daemon.start()
      try house.daemon.awaitMetric("drawbridge_last_sweep_timestamp_seconds") { $0 > 0 }
      let file = try Fixtures.await("the file") {
        let text = try? String(contentsOfFile: house.file, encoding: .utf8)
        return text.flatMap { $0.contains("\ndrawbridge_last_sweep_timestamp_seconds ") ? $0 : nil }
      }
      let shown = try Scrape.parse(file, as: "prometheus").series.keys
      let text = try String(contentsOfFile: rules, encoding: .utf8)
      for match in text.matches(of: /(?<name>drawbridge_[a-z_]+)(\{(?<label>[a-z]+)=~?"(?<values>[^"]+)"\})?/) {
        guard let label = match.label, let values = match.values else {
          #expect(shown.contains { $0.prefix { $0 != "{" } == match.name }, "\(match.name)")
          continue
        }
        for value in values.split(separator: "|") {
          #expect(
            shown.contains { $0.hasPrefix("\(match.name){") && $0.contains("\(label)=\"\(value)\"") },
            "\(match.name) \(label)=\(value)")
        }
      }
      let operations = try String(contentsOfFile: "\(repository)/docs/operations.md", encoding: .utf8)
      let names = Set(shown.map { $0.prefix { $0 != "{" } })
      for match in operations.matches(of: /`(?<name>(drawbridge)?_[a-z_]+[a-z])[`{]/) {
        let name = match.name.hasPrefix("_") ? "drawbridge\(match.name)" : String(match.name)
        #expect(names.contains { $0 == name || $0 == "\(name)_count" }, "\(name)")
      }
    }
  }
}
