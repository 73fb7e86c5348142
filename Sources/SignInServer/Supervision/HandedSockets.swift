internal import Glibc

/// Listening sockets that the service manager holds and hands over, so that a daemon which is started anew refuses
/// nobody: sd_listen_fds(3). They are known by their address, as `[[listen]]` gives it.
struct HandedSockets: Sendable {
  /// SD_LISTEN_FDS_START
  private static let first: Int32 = 3
  static let countMax: Int32 = 64

  private let descriptors: [Int32]

  init(environment: [String: String], processID: Int32 = getpid()) {
    guard environment["LISTEN_PID"] == String(processID), let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }),
      1...Self.countMax ~= count
    else {
      descriptors = []
      return
    }
    descriptors = Array(Self.first..<Self.first + count)
    for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
  }

  /// The listening Unix socket of this path.
  func descriptor(path: String) -> Int32? {
    descriptors.first { Self.isListening($0) && Self.path($0) == Array(path.utf8) }
  }

  /// The paths of all of them.
  var paths: [String] {
    descriptors.filter(Self.isListening).compactMap { Self.path($0).map { String(decoding: $0, as: UTF8.self) } }
  }

  private static func isListening(_ descriptor: Int32) -> Bool {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value == 1
  }

  private static func path(_ descriptor: Int32) -> [UInt8]? {
    var address = sockaddr_un()
    var length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let known = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard known == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
    return withUnsafeBytes(of: address.sun_path) { Array($0.prefix { $0 != 0 }) }
  }
}
