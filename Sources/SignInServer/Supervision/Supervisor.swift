internal import Glibc

/// The service manager that started the daemon, told of its state as sd_notify(3) has it: a datagram of `NAME=value`
/// lines to the Unix socket that `NOTIFY_SOCKET` names. Without one, nobody listens and nothing is sent.
struct Supervisor: Sendable {
  enum State: Sendable {
    /// The sockets answer.
    case ready
    /// A configuration is being read anew; ``ready`` ends it.
    case reloading
    case stopping
    /// The daemon lives; unless this is said within the watchdog's time, it is killed and started anew.
    case alive
  }

  /// Within which ``State/alive`` must be said; nil where no watchdog waits for it.
  let watchdog: Duration?
  private let address: sockaddr_un?
  private let addressLength: Int

  init(environment: [String: String], processID: Int32 = getpid()) {
    let isOurs = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
    watchdog = environment["WATCHDOG_USEC"].flatMap { isOurs ? Int64($0) : nil }
      .flatMap { $0 > 0 ? .microseconds($0) : nil }
    (address, addressLength) = Self.address(environment["NOTIFY_SOCKET"] ?? "")
  }

  /// - Parameter status: one line for people, as `systemctl status` shows it.
  func tell(_ state: State, status: String? = nil) {
    guard let address else { return }
    let lines = state.lines + (status.map { ["STATUS=\(Self.oneLine($0))"] } ?? [])
    let message = Array(lines.joined(separator: "\n").utf8)
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // A manager that does not read holds nobody up.
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    _ = withSocketAddress(address, length: addressLength) {
      sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, $1)
    }
  }

  /// A path, or with `@` in front the name of an abstract socket (unix(7)).
  private static func address(_ text: String) -> (sockaddr_un?, length: Int) {
    var path = Array(text.utf8)
    guard let first = path.first, [UInt8(ascii: "/"), UInt8(ascii: "@")].contains(first), path.count > 1 else {
      return (nil, 0)
    }
    let isAbstract = first == UInt8(ascii: "@")
    if isAbstract { path[0] = 0 }
    return (sockaddr_un(path: path), MemoryLayout<sa_family_t>.size + path.count + (isAbstract ? 0 : 1))
  }

  private static func oneLine(_ text: String) -> String {
    String(decoding: text.utf8.prefix(200).map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
  }
}

extension Supervisor.State {
  fileprivate var lines: [String] {
    switch self {
    case .ready: ["READY=1"]
    case .reloading:
      // systemd(1) tells by the time whether a READY belongs to this reload.
      ["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"]
    case .stopping: ["STOPPING=1"]
    case .alive: ["WATCHDOG=1"]
    }
  }

  private static func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}
