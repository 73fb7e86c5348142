/// One metric with all its series, as OpenMetrics 1.0 has it: the name without the suffix that its kind adds.
struct MetricFamily: Sendable {
  enum Kind: String, Sendable { case counter, gauge, histogram, info }

  struct Sample: Sendable {
    var suffix = ""
    var labels: [(name: String, value: String)] = []
    let value: Double
  }

  let name: String
  let kind: Kind
  /// The name ends in it.
  var unit: String?
  let help: String
  var samples: [Sample] = []

  /// One number without labels.
  init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String, _ value: Double) {
    self.init(name, kind, unit: unit, help, [Sample(value: value)])
  }

  init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String, _ samples: [Sample]) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
    self.samples = samples
  }

  /// A series for each value of one label.
  init(
    _ name: String, _ kind: Kind, unit: String? = nil, _ help: String, by label: String, _ values: [(String, Double)]
  ) {
    self.init(
      name, kind, unit: unit, help, values.map { Sample(labels: [(label, $0.0)], value: $0.1) })
  }
}
