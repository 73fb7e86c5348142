internal import Foundation

/// Unix stream sockets, blocking.
public enum UnixStream {
  /// Bound, and not listened on.
  public static func bind(_ path: String) throws -> Int32 { try open(path, Foundation.bind) }

  static func listen(_ path: String) throws -> Int32 {
    let descriptor = try bind(path)
    guard Foundation.listen(descriptor, 64) == 0 else { throw FixtureError("listen: \(errno)") }
    return descriptor
  }

  static func connect(_ path: String) throws -> Int32 { try open(path, Foundation.connect) }

  private static func open(
    _ path: String, _ call: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw FixtureError("\(path): \(errno)")
    }
    return descriptor
  }

  /// What is there; nil at the end.
  static func read(_ descriptor: Int32) -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    return count > 0 ? Array(chunk.prefix(count)) : nil
  }

  static func write(_ descriptor: Int32, _ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw FixtureError("write: \(errno)") }
      rest = rest.dropFirst(count)
    }
  }
}
