/// Counts by labels whose values are known from the start: every series is there with 0 before the first event, so that
/// a rate sees it, and nothing that a client says can make one.
struct Tally: Sendable {
  private let name: String
  private let help: String
  private let labels: [(name: String, values: [String])]
  /// By the position of each label's value, the last label's fastest.
  private var counts: [UInt64]
  /// Of values that are not known: a mistake in the program, which is to be seen and not to grow.
  private var others: UInt64 = 0

  init(_ name: String, _ help: String, by labels: [(name: String, values: [String])] = []) {
    self.name = name
    self.help = help
    self.labels = labels
    counts = [UInt64](repeating: 0, count: labels.reduce(1) { $0 * $1.values.count })
  }

  mutating func add(_ values: String..., count: Int = 1) {
    guard count > 0 else { return }
    var position = 0
    for (label, value) in zip(labels, values) {
      guard let index = label.values.firstIndex(of: value) else {
        others += UInt64(count)
        return
      }
      position = position * label.values.count + index
    }
    counts[position] += UInt64(count)
  }

  var family: MetricFamily {
    var samples = counts.enumerated().map { position, count in
      var rest = position
      var named: [(name: String, value: String)] = []
      for label in labels.reversed() {
        named.insert((label.name, label.values[rest % label.values.count]), at: 0)
        rest /= label.values.count
      }
      return MetricFamily.Sample(labels: named, value: Double(count))
    }
    if others > 0 { samples.append(.init(labels: labels.map { ($0.name, "other") }, value: Double(others))) }
    return MetricFamily(name, .counter, help, samples)
  }
}

/// How long something took, in seconds.
struct Timing: Sendable {
  private struct Series: Sendable {
    /// Of each bound, and of all that is longer.
    var counts: [UInt64]
    var sum = Duration.zero
  }

  /// Upper bounds, in milliseconds.
  private static let bounds: [Int64] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]

  private let name: String
  private let help: String
  private let label: String
  private let values: [String]
  private var series: [Series]

  /// - Parameter label: its values are known from the start; none where there is one series.
  init(_ name: String, _ help: String, by label: String = "", _ values: [String] = [""]) {
    self.name = name
    self.help = help
    self.label = label
    self.values = values
    series = values.map { _ in Series(counts: [UInt64](repeating: 0, count: Self.bounds.count + 1)) }
  }

  mutating func add(_ duration: Duration, of value: String = "") {
    guard let index = values.firstIndex(of: value) else { return }
    let bucket = Self.bounds.firstIndex { duration <= .milliseconds($0) } ?? Self.bounds.count
    series[index].counts[bucket] += 1
    series[index].sum += duration
  }

  var family: MetricFamily {
    var samples: [MetricFamily.Sample] = []
    for (value, series) in zip(values, series) {
      let labels = label.isEmpty ? [] : [(name: label, value: value)]
      var total: UInt64 = 0
      for (position, count) in series.counts.enumerated() {
        total += count
        let bound = position < Self.bounds.count ? (Double(Self.bounds[position]) / 1000).description : "+Inf"
        samples.append(.init(suffix: "_bucket", labels: labels + [("le", bound)], value: Double(total)))
      }
      samples.append(.init(suffix: "_count", labels: labels, value: Double(total)))
      samples.append(.init(suffix: "_sum", labels: labels, value: series.sum.inSeconds))
    }
    return MetricFamily(name, .histogram, unit: "seconds", help, samples)
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
