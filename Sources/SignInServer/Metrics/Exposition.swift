/// What is read by a monitoring system: lines of text.
enum Exposition: Sendable {
  /// OpenMetrics 1.0.
  case openMetrics
  /// Prometheus' text format 0.0.4, the only one that node_exporter's textfile collector reads.
  case prometheus

  var contentType: String {
    switch self {
    case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
    case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
    }
  }

  func lines(of families: [MetricFamily]) -> [String] {
    families.flatMap { lines(of: $0) } + (self == .openMetrics ? ["# EOF"] : [])
  }

  func text(of families: [MetricFamily]) -> String { lines(of: families).map { $0 + "\n" }.joined() }

  private func lines(of family: MetricFamily) -> [String] {
    let suffix =
      switch family.kind {
      case .counter: "_total"
      case .info: "_info"
      case .gauge, .histogram: ""
      }
    // The older format names the series, knows no units, and has no word for an info.
    let (name, kind) =
      self == .openMetrics
      ? (family.name, family.kind.rawValue)
      : (family.name + suffix, family.kind == .info ? "gauge" : family.kind.rawValue)
    var lines = ["# TYPE \(name) \(kind)"]
    if self == .openMetrics, let unit = family.unit { lines.append("# UNIT \(name) \(unit)") }
    lines.append("# HELP \(name) \(Self.escaped(family.help))")
    lines += family.samples.map { sample in
      let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
      return family.name + suffix + sample.suffix + (labels.isEmpty ? "" : "{\(labels)}") + " "
        + Self.number(sample.value)
    }
    return lines
  }

  /// Whole numbers without a point, up to where a double holds each of them.
  private static func number(_ value: Double) -> String {
    guard let whole = Int64(exactly: value), whole.magnitude < 1 << 53 else { return value.description }
    return String(whole)
  }

  /// Of a label's value, and of a help text.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
