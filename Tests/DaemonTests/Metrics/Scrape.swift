import Fixtures
import Foundation

/// Metrics as a parser sees them that is not Drawbridge's.
struct Scrape: Decodable {
  /// By the name and the labels in the order of theirs: `drawbridge_flows_total{flow="signin",result="denied"}`.
  let series: [String: Double]
  let kinds: [String: String]
  let units: [String: String]

  static func parse(_ text: String, as format: String = "openmetrics") throws -> Scrape {
    let script = "\(repository)/Tests/DaemonTests/Metrics/parse.py"
    let parsed = try Command.run("/usr/bin/python3", [script, format], input: text)
    guard parsed.status == 0 else { throw FixtureError("\(format): \(parsed.errors)\n\(text)") }
    return try JSONDecoder().decode(Scrape.self, from: Data(parsed.output.utf8))
  }

  subscript(_ name: String, _ labels: [(String, String)] = []) -> Double? {
    let text = labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
    return series[name + (text.isEmpty ? "" : "{\(text)}")]
  }

  func flows(_ flow: String, _ result: String) -> Double? {
    self["drawbridge_flows_total", [("flow", flow), ("result", result)]]
  }

  /// What has grown since an earlier look, and by how much.
  func grown(since before: Scrape) -> [String: Double] {
    series.reduce(into: [:]) { grown, entry in
      let growth = entry.value - (before.series[entry.key] ?? 0)
      if growth != 0 { grown[entry.key] = growth }
    }
  }
}

extension Daemon {
  /// By `METRICS`.
  func metrics() throws -> Scrape {
    let admin = try adminClient()
    let reply = try admin.send("METRICS")
    guard reply == "OK metrics count=\(admin.items.count)" else { throw FixtureError(reply) }
    return try Scrape.parse(admin.items.map { $0.dropFirst("* :".count) + "\n" }.joined())
  }

  /// Looks until a number is what is expected of it: what a reply has told may be counted a moment later.
  func awaitMetric(
    _ name: String, _ labels: [(String, String)] = [], within seconds: Double = 60, _ isExpected: (Double) -> Bool
  ) throws {
    try Fixtures.await("\(name) \(labels)", within: seconds) {
      try metrics()[name, labels].flatMap { isExpected($0) ? true : nil }
    }
  }
}

/// A house whose daemon shows its metrics on a socket and in a file, in a folder of their own.
struct MetricsHouse {
  let house: House
  private let folder: String
  var daemon: Daemon { house.daemon }
  var socket: String { "\(folder)/metrics.sock" }
  var file: String { "\(folder)/drawbridge.prom" }

  static func with(settings: String = "", _ body: (MetricsHouse) async throws -> Void) async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let own = """
      \(settings)
      [metrics]
      file = "\(folder)/drawbridge.prom"
      every = "1s"
      [[listen]]
      path = "\(folder)/metrics.sock"
      role = "metrics"
      """
    try await House.with(settings: own) { house in
      try await body(MetricsHouse(house: house, folder: folder))
    }
  }

  /// What curl hears on the socket.
  func curl(
    _ path: String = "/metrics", _ arguments: String...
  ) throws -> (status: String, type: String, body: String) {
    let heard = try Command.run(
      "curl",
      ["-s", "-w", "\n%{http_code} %{content_type}", "--unix-socket", socket, "http://localhost\(path)"] + arguments)
    guard heard.status == 0, let end = heard.output.lastIndex(of: "\n") else {
      throw FixtureError("curl: \(heard.status) \(heard.errors)")
    }
    let facts = heard.output[end...].dropFirst().split(separator: " ", maxSplits: 1).map(String.init)
    return (facts.first ?? "", facts.count > 1 ? facts[1] : "", String(heard.output[..<end]))
  }
}
