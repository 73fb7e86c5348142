internal import Configuration
internal import Glibc
internal import Logging

/// How many files the process may have open.
enum FileDescriptors {
  /// For event loops, the directory, mail and logs.
  private static let reserved = 64

  /// Accepting without a descriptor to spare would turn in circles, so no more connections are admitted than there are
  /// descriptors for.
  static func connectionsMax(_ configuration: Configuration, logger: Logger) -> Int {
    let wanted = configuration.limits.connectionsMax
    // Connections that are not admitted yet.
    let shaking = configuration.listen.contains { $0.tls != nil } ? configuration.limits.startups.full : 0
    let reserved = Self.reserved + shaking
    var files = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else { return wanted }
    files.rlim_cur = max(files.rlim_cur, min(rlim_t(wanted + reserved), files.rlim_max))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    let possible = max(8, Int(clamping: files.rlim_cur) - reserved)
    if possible < wanted {
      logger.warning(
        "too few file descriptors for limits.connections-max (LimitNOFILE=)", metadata: ["used": "\(possible)"])
    }
    return min(wanted, possible)
  }
}
