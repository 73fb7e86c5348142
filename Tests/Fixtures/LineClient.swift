public import Foundation

/// A client of the line protocol over a Unix socket. Blocking, every wait with a deadline.
public final class LineClient: @unchecked Sendable {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// Connects and reads the greeting.
  public init(_ path: String, greeting: Bool = true) throws {
    descriptor = try UnixStream.connect(path)
    guard greeting else { return }
    let line = try readLine()
    guard line.hasPrefix("OK ready protocol=1") else { throw FixtureError("greeting: \(line)") }
  }

  deinit { Foundation.close(descriptor) }

  /// Goes away, with everything that is under way.
  public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  public func write(_ bytes: some Sequence<UInt8>) throws { try UnixStream.write(descriptor, Array(bytes)) }

  /// Sends a line and answers the reply to it: its last line; items before it are in `items`.
  @discardableResult
  public func send(_ line: String, within seconds: TimeInterval = 30) throws -> String {
    try write(Array(line.utf8) + [0x0A])
    return try reply(within: seconds)
  }

  public private(set) var items: [String] = []

  public func reply(within seconds: TimeInterval = 30) throws -> String {
    items = []
    while true {
      let line = try readLine(within: seconds)
      guard line.hasPrefix("*") else { return line }
      items.append(line)
    }
  }

  public func readLine(within seconds: TimeInterval = 30) throws -> String {
    let deadline = Date().addingTimeInterval(seconds)
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        return line
      }
      guard try fill(until: deadline) else { throw FixtureError("closed; read so far: \(buffer)") }
    }
  }

  /// So many bytes, of protocols that have no lines.
  public func readBytes(_ count: Int, within seconds: TimeInterval = 30) throws -> [UInt8] {
    let deadline = Date().addingTimeInterval(seconds)
    while buffer.count < count {
      guard try fill(until: deadline) else { throw FixtureError("closed; read so far: \(buffer)") }
    }
    defer { buffer.removeFirst(count) }
    return Array(buffer.prefix(count))
  }

  /// Waits until the daemon has closed the connection; what it still said is dropped.
  public func isClosed(within seconds: TimeInterval = 15) -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    while let more = try? fill(until: deadline) { if !more { return true } }
    return false
  }

  /// Waits until the daemon has closed the connection, and reads nothing meanwhile.
  public func isHungUp(within seconds: TimeInterval) -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    var poller = pollfd(fd: descriptor, events: 0, revents: 0)
    while true {
      let wait = Int32(max(0, deadline.timeIntervalSinceNow * 1000))
      guard poll(&poller, 1, wait) > 0 else { return false }
      if poller.revents & Int16(POLLHUP) != 0 { return true }
    }
  }

  private func fill(until deadline: Date) throws -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let wait = Int32(max(0, deadline.timeIntervalSinceNow * 1000))
    guard poll(&poller, 1, wait) > 0 else { throw FixtureError("no line in time") }
    var chunk = [UInt8](repeating: 0, count: 8192)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer += chunk.prefix(count)
    return true
  }

  public func shutdownWriting() { shutdown(descriptor, Int32(SHUT_WR)) }
}
