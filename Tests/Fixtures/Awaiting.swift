public import Foundation

public struct FixtureError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Asks again and again until there is an answer; a deadline, not a guess, ends it.
@discardableResult
public func await<Value>(
  _ what: String, within seconds: TimeInterval = 20, _ condition: () throws -> Value?
) throws -> Value {
  let deadline = Date().addingTimeInterval(seconds)
  while true {
    if let value = try condition() { return value }
    guard Date() < deadline else { throw FixtureError("waited \(seconds) s in vain for \(what)") }
    usleep(10_000)
  }
}

/// As above, where the condition is somebody else's to answer.
public func awaitThat(
  _ what: String, within seconds: TimeInterval = 60, _ isTrue: () async -> Bool
) async throws {
  let deadline = Date().addingTimeInterval(seconds)
  while await !isTrue() {
    guard Date() < deadline else { throw FixtureError("waited \(seconds) s in vain until \(what)") }
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// The repository, found from this file.
public let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// A short path: that of a Unix socket holds 107 bytes.
public func temporaryDirectory() throws -> String {
  var template = Array("/tmp/db-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw FixtureError("mkdtemp: \(errno)") }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// bind(2) or connect(2), with a port of the loopback.
public func loopback(
  _ call: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32, port: Int
) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  address.sin_port = UInt16(port).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

/// A port of the loopback that nobody listens on.
public func freePort() throws -> Int {
  let (descriptor, port) = try loopbackSocket()
  close(descriptor)
  return port
}

/// A TCP socket that is bound to a port of the loopback, and not listened on.
public func loopbackSocket() throws -> (descriptor: Int32, port: Int) {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let code = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
    }
  }
  guard code == 0 else {
    close(descriptor)
    throw FixtureError("no free port")
  }
  return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

public enum TCP {
  /// Whether somebody listens on a port of the loopback.
  public static func accepts(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
