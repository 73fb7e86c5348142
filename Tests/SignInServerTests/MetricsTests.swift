import Fixtures
import Foundation
import Testing

@testable import SignInServer

@Suite("Counts and their text") struct MetricsTests {
  @Test("every series is there from the start, and what is not known makes none of its own")
  func tally() {
    var tally = Tally("x", "Help.", by: [("a", ["one", "two"]), ("b", ["left", "right"])])
    tally.add("two", "left")
    tally.add("two", "left", count: 3)
    tally.add("two", "left", count: 0)
    tally.add("two", "left", count: -1)
    #expect(
      Exposition.openMetrics.lines(of: [tally.family]) == [
        "# TYPE x counter", "# HELP x Help.", #"x_total{a="one",b="left"} 0"#, #"x_total{a="one",b="right"} 0"#,
        #"x_total{a="two",b="left"} 4"#, #"x_total{a="two",b="right"} 0"#, "# EOF",
      ])
    for number in 0..<100 { tally.add("value-\(number)", "left") }
    let lines = Exposition.prometheus.lines(of: [tally.family])
    #expect(lines.first == "# TYPE x_total counter")
    #expect(lines.last == #"x_total{a="other",b="other"} 100"#)
    #expect(lines.count == 7)
  }

  @Test("a time counts in its own bucket and in all above it, a bound included")
  func timing() {
    var timing = Timing("t_seconds", "Help.")
    for milliseconds in [1, 2, 7, 10_000, 10_001] { timing.add(.milliseconds(milliseconds)) }
    timing.add(.seconds(1), of: "unknown")
    let lines = Exposition.openMetrics.lines(of: [timing.family])
    #expect(lines.prefix(3) == ["# TYPE t_seconds histogram", "# UNIT t_seconds seconds", "# HELP t_seconds Help."])
    for line in [
      #"t_seconds_bucket{le="0.001"} 1"#, #"t_seconds_bucket{le="0.002"} 2"#, #"t_seconds_bucket{le="0.005"} 2"#,
      #"t_seconds_bucket{le="0.01"} 3"#, #"t_seconds_bucket{le="10.0"} 4"#, #"t_seconds_bucket{le="+Inf"} 5"#,
      "t_seconds_count 5", "t_seconds_sum 20.011",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  @Test("a value is escaped, so that it ends no line and no label")
  func escapes() {
    let family = MetricFamily("x", .gauge, "a\\b\nc", by: "uri", [("q\"\\\n{}", 0.5), ("é", 1_700_000_000)])
    #expect(
      Exposition.openMetrics.lines(of: [family]) == [
        "# TYPE x gauge", #"# HELP x a\\b\nc"#, #"x{uri="q\"\\\n{}"} 0.5"#, #"x{uri="é"} 1700000000"#, "# EOF",
      ])
  }

  @Test("an information is one in the older format, too, where it has no word")
  func info() {
    let family = MetricFamily("x_build", .info, "Help.", [.init(labels: [("version", "1")], value: 1)])
    #expect(Exposition.openMetrics.lines(of: [family]).first == "# TYPE x_build info")
    let lines = Exposition.prometheus.lines(of: [family])
    #expect(lines == ["# TYPE x_build_info gauge", "# HELP x_build_info Help.", #"x_build_info{version="1"} 1"#])
  }

  @Test(
    "a request is one of HTTP/1, whatever its headers are",
    arguments: [
      ("GET /metrics HTTP/1.1", true), ("GET /metrics HTTP/1.0", true), ("GET /metrics", false), ("", false),
      ("GET  /metrics HTTP/1.1", false), ("GET /metrics HTTP/2.0", false), ("GET /metrics HTTP/1.1 x", false),
    ])
  func head(line: String, isGood: Bool) {
    #expect((RequestHead([Array(line.utf8)[...]]) != nil) == isGood)
  }

  @Test("a server's number is bounded, and a change of servers is a fail-over")
  func servers() {
    let metrics = Metrics()
    func value(_ name: String, _ uri: String? = nil) -> Double? {
      metrics.families.first { $0.name == name }?.samples
        .first { sample in uri.map { wanted in sample.labels.contains { $0.value == wanted } } ?? true }?.value
    }
    metrics.connected(to: "ldap://a")
    metrics.connected(to: "ldap://a")
    #expect(value("drawbridge_directory_failovers") == 0 && value("drawbridge_directory_up") == 1)
    metrics.failed("ldap://a")
    metrics.connected(to: "ldap://b")
    #expect(value("drawbridge_directory_failovers") == 1)
    #expect(value("drawbridge_directory_server_current", "ldap://b") == 1)
    #expect(value("drawbridge_directory_server_current", "ldap://a") == 0)
    metrics.foundNone()
    #expect(value("drawbridge_directory_up") == 0 && value("drawbridge_directory_server_current", "ldap://b") == 0)
    for number in 0..<200 { metrics.failed("ldap://x\(number)") }
    let shown = metrics.families.first { $0.name == "drawbridge_directory_server_current" }?.samples.count
    #expect(shown == DirectoryCounts.serversMax)
  }

  @Test("every word of docs/audit.md is counted as itself")
  func audit() throws {
    let text = try String(contentsOfFile: "\(repository)/docs/audit.md", encoding: .utf8)
    func words(_ text: some StringProtocol) -> [String] {
      text.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }
    func part(_ name: String) -> Substring {
      let rest = text.components(separatedBy: "\n## \(name)\n").last ?? ""
      return rest.prefix(upTo: rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)
    }
    func results(_ name: String) -> [String] {
      part(name).split(separator: "\n").filter { $0.hasPrefix("| `") && !$0.hasPrefix("| `result=`") }
        .flatMap { words($0.split(separator: "|").first ?? "") }
    }
    let flows = results("Flows")
    #expect(flows.contains("signed-in") && flows.contains("gone"))
    for result in flows { #expect(Metrics.Names.results.contains(result), "\(result)") }
    for result in results("Sessions") { #expect(Metrics.Names.signOuts.contains(result), "\(result)") }
    let verbs = words(part("Administration").components(separatedBy: " is the verb in lower case: ").last ?? "")
      .prefix { $0 != "result=" }
    #expect(verbs.contains("invite") && verbs.contains("check"))
    for verb in verbs { #expect(Metrics.Names.verbs.contains(verb), "\(verb)") }
  }
}
