import Fixtures
import Foundation

/// What listens in place of the daemon, and says what a test wants, byte for byte. It hears a line before each part but
/// the first.
final class ScriptedDaemon: @unchecked Sendable {
  static let greeting = "OK ready protocol=1\n"

  enum End {
    case closes
    /// Says nothing more, and hangs up only when the test ends.
    case holds
    /// Begins again behind the greeting.
    case repeats
    /// Byte after byte of nothing, a tenth of a second between two.
    case drips
  }

  let directory: String
  var socket: String { "\(directory)/s" }
  private let descriptor: Int32
  private let parts: [[UInt8]]
  private let end: End
  private let lock = NSLock()
  private var said: [String] = []
  private var clients: Set<Int32> = []
  private var count = 0
  private var isOver = false

  /// The lines that it was sent, on all connections.
  var lines: [String] { lock.withLock { said } }
  var connections: Int { lock.withLock { count } }

  init(_ parts: [[UInt8]], then end: End = .closes) throws {
    directory = try temporaryDirectory()
    self.parts = parts
    self.end = end
    descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = "\(directory)/s"
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0, listen(descriptor, 64) == 0 else { throw FixtureError("\(path): \(errno)") }
    Thread.detachNewThread { self.accept() }
  }

  convenience init(_ parts: String..., then end: End = .closes) throws {
    try self.init(([Self.greeting] + parts).map { Array($0.utf8) }, then: end)
  }

  func stop() {
    lock.withLock {
      isOver = true
      for client in clients { shutdown(client, Int32(SHUT_RDWR)) }
    }
    shutdown(descriptor, Int32(SHUT_RDWR))
    try? FileManager.default.removeItem(atPath: directory)
  }

  private func accept() {
    while true {
      let client = Glibc.accept(descriptor, nil, nil)
      let goesOn = lock.withLock {
        if client >= 0, !isOver {
          clients.insert(client)
          count += 1
        }
        return client >= 0 && !isOver
      }
      guard goesOn else {
        if client >= 0 { close(client) }
        close(descriptor)
        return
      }
      Thread.detachNewThread { self.serve(client) }
    }
  }

  private func serve(_ client: Int32) {
    play(client)
    // Under the lock: the number must not become somebody else's while `stop` shuts it down.
    lock.withLock {
      clients.remove(client)
      close(client)
    }
  }

  private func play(_ client: Int32) {
    for (number, part) in parts.enumerated() {
      if number > 0, !hear(client) { return }
      guard say(part, to: client) else { return }
    }
    switch end {
    case .closes: return
    case .holds: while hear(client) {}
    case .repeats:
      while true { for part in parts.dropFirst() { guard hear(client), say(part, to: client) else { return } } }
    case .drips: while say([0x20], to: client) { usleep(100_000) }
    }
  }

  private func say(_ bytes: [UInt8], to client: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// A line, byte by byte: nothing of the next one is taken.
  private func hear(_ client: Int32) -> Bool {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while recv(client, &byte, 1, 0) == 1 {
      if byte == 0x0A {
        lock.withLock { said.append(String(decoding: line, as: UTF8.self)) }
        return true
      }
      line.append(byte)
    }
    return false
  }
}
