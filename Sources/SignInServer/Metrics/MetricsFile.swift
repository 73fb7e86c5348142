internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import SignIn

/// Writes the metrics into a file again and again, for node_exporter's textfile collector: whole, or not at all. The file
/// of a daemon that has ended stays; the time in it tells.
struct MetricsFile: Service {
  let path: String
  let interval: Duration
  let survey: Survey
  let logger: Logger

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var isFailing = false
      while true {
        let text = Exposition.prometheus.text(of: await survey.families() + [written])
        let failure = write(Array(text.utf8))
        if let failure, !isFailing {
          logger.error("metrics not written (metrics.file)", metadata: ["file": "\(path)", "reason": "\(failure)"])
        }
        isFailing = failure != nil
        try await Task.sleep(for: interval)
      }
    }
  }

  private var written: MetricFamily {
    MetricFamily(
      "drawbridge_metrics_written_timestamp_seconds", .gauge, unit: "seconds", "When this file was written.",
      Double(survey.service.now().seconds))
  }

  /// Nil where it is done. The collector reads no file whose name ends otherwise than in `.prom`.
  private func write(_ bytes: [UInt8]) -> String? {
    let fresh = path + ".new"
    unlink(fresh)
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return Self.errorText }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { break }
      rest = rest.dropFirst(max(0, count))
    }
    let isWhole = rest.isEmpty && fchmod(descriptor, 0o644) == 0
    let isClosed = close(descriptor) == 0
    guard isWhole, isClosed, rename(fresh, path) == 0 else {
      defer { unlink(fresh) }
      return Self.errorText
    }
    return nil
  }

  private static var errorText: String { String(cString: strerror(errno)) }
}
