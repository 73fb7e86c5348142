internal import Configuration
internal import Glibc
internal import Mail
internal import Secrets
internal import SignIn
internal import Wire

/// All metrics as they are now: what was counted, and what can be asked for without waiting for anybody.
struct Survey: Sendable {
  let service: SignInService
  let alarm: Sweep.Alarm
  let admission: Admission
  let listeners: Listeners

  func families() async -> [MetricFamily] {
    let hashing = await service.hashing.load
    return Self.build + Process.families + alarms + service.metrics.families
      + [
        MetricFamily("drawbridge_hash_threads", .gauge, "Threads that hash.", Double(hashing.threads)),
        MetricFamily("drawbridge_hashes_running", .gauge, "Hashes on a thread now.", Double(hashing.running)),
        MetricFamily("drawbridge_hash_queue_length", .gauge, "Hashes that wait now.", Double(hashing.waiting)),
        MetricFamily(
          "drawbridge_sources_waiting", .gauge, "Sources that have to wait now after wrong answers.",
          Double(service.penalties.countWaiting(at: .now))),
        MetricFamily(
          "drawbridge_connections", .gauge, "Connections that are open now, by the role of their socket.", by: "role",
          Listener.Role.allCases.map { ($0.rawValue, Double(admission.counts(of: $0))) }),
        MetricFamily(
          "drawbridge_connections_max", .gauge, "Connections that there may be.", Double(admission.connectionsMax)),
        MetricFamily(
          "drawbridge_mail_queue_length", .gauge, "Mails that wait or are being sent.",
          Double(service.postbox.outbox?.count ?? 0)),
        MetricFamily(
          "drawbridge_key_active", .gauge, "Keys of the ring by their numbers, 1 for the one that seals.", by: "key",
          service.keys.keyIDs.map { (String($0), $0 == service.keys.activeKeyID ? 1 : 0) }),
        MetricFamily(
          "drawbridge_certificate_expiry_timestamp_seconds", .gauge, unit: "seconds",
          "When the certificate that a listener shows runs out.", by: "listener",
          listeners.certificateEnds.map { ($0.place, Double($0.ends)) }),
      ]
  }

  private static let build = [
    MetricFamily(
      "drawbridge_build", .info, "The daemon.", [.init(labels: [("version", Version.current)], value: 1)])
  ]

  private var alarms: [MetricFamily] {
    [
      MetricFamily(
        "drawbridge_sweep_refused", .gauge, "1 from a sweep that the brake refused until one comes to its end.",
        alarm.refusal == nil ? 0 : 1),
      MetricFamily(
        "drawbridge_writes_refused", .gauge, "1 from a wrong answer that could not be charged until a change lands.",
        service.refusedWrites.stand ? 1 : 0),
    ]
  }
}

/// Facts of the process. Not under the bare names that others use: in one file of node_exporter they would be its own.
private enum Process {
  static var families: [MetricFamily] {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    let processor = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    var files = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    return [
      MetricFamily(
        "drawbridge_process_start_time_seconds", .gauge, unit: "seconds", "When the daemon was started.", started),
      MetricFamily(
        "drawbridge_process_cpu_seconds", .counter, unit: "seconds", "Time on processors, of user and system.",
        processor),
      MetricFamily(
        "drawbridge_process_resident_memory_bytes", .gauge, unit: "bytes", "Memory that is in use.",
        residentBytes().map { [.init(value: $0)] } ?? []),
      MetricFamily(
        "drawbridge_process_open_fds", .gauge, "Descriptors that are open.",
        openFiles().map { [.init(value: $0)] } ?? []),
      MetricFamily(
        "drawbridge_process_max_fds", .gauge, "Descriptors that may be open.", Double(Int64(clamping: files.rlim_cur))),
    ]
  }

  /// Read once: what was begun is not asked for at each look, and a clock that is set moves it no more.
  private static let started: Double = {
    var now = timespec()
    var uptime = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    clock_gettime(CLOCK_BOOTTIME, &uptime)
    let booted = Double(now.tv_sec - uptime.tv_sec) + Double(now.tv_nsec - uptime.tv_nsec) / 1e9
    // In ticks since then; the twentieth field behind the name.
    let ticks = fields("/proc/self/stat").dropFirst(19).first.flatMap(Double.init)
    return ticks.map { booted + $0 / Double(sysconf(Int32(_SC_CLK_TCK))) } ?? Double(now.tv_sec)
  }()

  private static func residentBytes() -> Double? {
    fields("/proc/self/statm").dropFirst().first.flatMap(Double.init)
      .map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
  }

  private static func openFiles() -> Double? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = -3.0  // `.`, `..`, and the folder itself
    while readdir(folder) != nil { count += 1 }
    return count
  }

  /// Of one line of proc(5), behind the name of the program, which may hold blanks.
  private static func fields(_ path: String) -> [String] {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    let line = bytes.prefix(count)
    let rest = line.lastIndex(of: UInt8(ascii: ")")).map { line[$0...].dropFirst() } ?? line
    return rest.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
