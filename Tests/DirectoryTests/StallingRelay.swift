import Fixtures
import Foundation
import Glibc
import Synchronization

/// Stands between a client and a TCP server, and may let what the server sends next through in part, or in drips.
final class StallingRelay: Sendable {
  enum Manner: Sendable {
    case whole
    /// The first bytes of what comes next, and nothing after them on that connection.
    case partOf(bytes: Int)
    /// A byte at a time, on the connection that sends next.
    case drips(everySeconds: Double)
  }

  let port: Int
  private let target: Int
  private let listener: Int32
  private let state = Mutex((manner: Manner.whole, isOver: false))

  init(to target: Int) throws {
    self.target = target
    port = try freePort()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard loopback(bind, listener, port: port) == 0, listen(listener, 8) == 0 else {
      throw FixtureError("port \(port): \(errno)")
    }
    Thread { [self] in accept() }.start()
  }

  /// Holds for the next connection on which the server sends something, alone.
  func next(_ manner: Manner) { state.withLock { $0.manner = manner } }

  func end() {
    state.withLock { $0.isOver = true }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private var isOver: Bool { state.withLock { $0.isOver } }

  private func accept() {
    defer { close(listener) }
    while !isOver {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { continue }
      let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard loopback(connect, server, port: target) == 0 else {
        close(client)
        close(server)
        continue
      }
      Thread { [self] in
        carry(client, server)
        close(client)
        close(server)
      }.start()
    }
  }

  private func carry(_ client: Int32, _ server: Int32) {
    var manner = Manner.whole
    while !isOver {
      var sides = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&sides, 2, 100) > 0 else { continue }
      for (side, other) in [(0, server), (1, client)] where sides[side].revents != 0 {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(sides[side].fd, &chunk, chunk.count, 0)
        guard count > 0 else { return }
        if side == 1 {
          state.withLock { state in
            if case .whole = state.manner { return }
            (manner, state.manner) = (state.manner, .whole)
          }
        }
        guard forward(chunk.prefix(count), to: other, side == 1 ? manner : .whole) else { return }
      }
    }
  }

  /// False where the client has gone.
  private func forward(_ bytes: ArraySlice<UInt8>, to other: Int32, _ manner: Manner) -> Bool {
    func write(_ bytes: ArraySlice<UInt8>) -> Bool {
      bytes.withUnsafeBytes { send(other, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == bytes.count
    }
    switch manner {
    case .whole: return write(bytes)
    case .partOf(let count):
      _ = write(bytes.prefix(count))
      while !isOver { usleep(20_000) }
    case .drips(let seconds):
      for index in bytes.indices {
        guard !isOver, write(bytes[index...index]) else { return false }
        Thread.sleep(forTimeInterval: seconds)
      }
    }
    return true
  }
}
