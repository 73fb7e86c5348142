/// `[metrics]`
public struct MetricsSettings: Sendable, Equatable {
  public var file: String?
  public var every = TimeSpan.zero
}

extension Configuration {
  static let metricsSettings: [Setting<Configuration>] = [
    Setting(
      "metrics.file", .path, .none, toOptional: \.metrics.file,
      "A file that metrics are written to, for node_exporter's textfile collector: its name ends in `.prom`, and the daemon's user must be able to write to its folder."
    ),
    Setting(
      "metrics.every", .duration(.seconds(1)...(.hours(1))), .value("15s"), to: \.metrics.every,
      "How often it is written."),
  ]
}
