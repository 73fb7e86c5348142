internal import Foundation
internal import Synchronization

/// A TCP port of the loopback that leads to another one, or does what a broken host does. One thread a connection.
public final class FaultyPort: Sendable {
  public enum Manner: Equatable, Sendable {
    case leads(to: Int)
    /// Nobody listens.
    case refuses
    /// A connection is made, and cut with a reset at once.
    case resets
    /// A connection is made, and nothing is ever said.
    case silent
    /// No answer to a connection attempt: what a dead host, or a firewall, does.
    case blackHole
    /// What the server sends comes a byte a second.
    case drips(from: Int)
  }

  public let port: Int
  private let state: Mutex<State>

  private struct State {
    var manner: Manner
    /// Raised with each change, which ends the connections of before.
    var generation = 0
    var isOver = false
    var listener: Int32 = -1
    /// Fill the queue of a listener, so that it answers nobody.
    var fillers: [Int32] = []
    var accepted = 0
  }

  public init(_ manner: Manner) throws {
    port = try freePort()
    state = Mutex(State(manner: manner))
    try become(manner)
    Thread { [self] in accept() }.start()
  }

  /// Holds for connections from now on; those that are open are closed.
  public func become(_ manner: Manner) throws {
    try state.withLock { state in
      state.manner = manner
      state.generation += 1
      Self.closeAll(&state)
      guard manner != .refuses else { return }
      state.listener = try Self.listen(port, backlog: manner == .blackHole ? 0 : 64)
      guard manner == .blackHole else { return }
      while let filler = try Self.filler(port) { state.fillers.append(filler) }
    }
  }

  /// Connections that were taken since the last change.
  public var accepted: Int { state.withLock { $0.accepted } }

  public func end() {
    state.withLock { state in
      state.isOver = true
      state.generation += 1
      Self.closeAll(&state)
    }
  }

  private static func closeAll(_ state: inout State) {
    for descriptor in state.fillers + [state.listener] where descriptor >= 0 { close(descriptor) }
    state.fillers = []
    state.listener = -1
    state.accepted = 0
  }

  // MARK: Sockets

  private static func stream() -> Int32 {
    socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  private static func listen(_ port: Int, backlog: Int32) throws -> Int32 {
    let listener = stream()
    var on: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    // The one before is still there as long as a thread polls it.
    try Fixtures.await("port \(port)") { loopback(Foundation.bind, listener, port: port) == 0 ? true : nil }
    guard Foundation.listen(listener, backlog) == 0 else { throw FixtureError("port \(port): \(errno)") }
    return listener
  }

  /// A connection that takes a place in the queue; nil where the queue is full and this one hears nothing.
  private static func filler(_ port: Int) throws -> Int32? {
    let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    _ = loopback(Foundation.connect, filler, port: port)
    var wait = pollfd(fd: filler, events: Int16(POLLOUT), revents: 0)
    guard poll(&wait, 1, 300) > 0 else {
      close(filler)
      return nil
    }
    return filler
  }

  // MARK: Connections

  private func accept() {
    while true {
      let (isOver, listener, manner, generation) = state.withLock {
        ($0.isOver, $0.listener, $0.manner, $0.generation)
      }
      if isOver { return }
      var wait = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard listener >= 0, manner != .blackHole, poll(&wait, 1, 20) > 0 else {
        usleep(5_000)
        continue
      }
      // The listener may have gone meanwhile, and its number to another.
      let client = state.withLock { state -> Int32 in
        guard state.generation == generation else { return -1 }
        let client = Foundation.accept(state.listener, nil, nil)
        if client >= 0 { state.accepted += 1 }
        return client
      }
      guard client >= 0 else { continue }
      Thread { [self] in serve(client, manner, generation) }.start()
    }
  }

  private func holds(_ generation: Int) -> Bool { state.withLock { $0.generation == generation } }

  private func serve(_ client: Int32, _ manner: Manner, _ generation: Int) {
    defer { close(client) }
    switch manner {
    case .refuses, .blackHole: return
    case .resets:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    case .silent: while holds(generation) { usleep(20_000) }
    case .leads(let target): carry(client, to: target, generation, isSlow: false)
    case .drips(let target): carry(client, to: target, generation, isSlow: true)
    }
  }

  private func carry(_ client: Int32, to target: Int, _ generation: Int, isSlow: Bool) {
    let server = Self.stream()
    defer { close(server) }
    guard loopback(Foundation.connect, server, port: target) == 0 else { return }
    while holds(generation) {
      var sides = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      // What comes after a change goes nowhere, not even what a poll of before has seen.
      guard poll(&sides, 2, 50) > 0, holds(generation) else { continue }
      for (from, to) in [(0, server), (1, client)] where sides[from].revents != 0 {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(sides[from].fd, &chunk, chunk.count, 0)
        guard count > 0 else { return }
        for piece in isSlow && from == 1 ? (0..<count).map({ $0..<$0 + 1 }) : [0..<count] {
          let sent = chunk[piece].withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
          guard sent == piece.count, holds(generation) else { return }
          if isSlow, from == 1 { sleep(1) }
        }
      }
    }
  }
}
