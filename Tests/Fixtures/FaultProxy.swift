internal import Foundation
internal import Synchronization

/// Stands between a daemon and slapd on a Unix socket, cuts both directions into LDAP messages, and asks a rule what
/// becomes of each. One thread a connection.
public final class FaultProxy: Sendable {
  public enum Fate: Sendable {
    case pass
    case drop
    case delay(seconds: Double)
    /// Both sides are closed, and the message goes nowhere.
    case cut
    /// A request goes to the server; both sides are closed when its result comes, which goes nowhere.
    case loseAnswer
    /// The connection stays open, and nothing is read from it any more.
    case blackHole
    /// Its first bytes go on, and nothing after them; the connection stays open.
    case half(bytes: Int)
    /// The server does not hear of a request; its result has this code.
    case answer(code: UInt8)
    /// These go on in its place.
    case replace([LDAPFrame])
  }

  public typealias Rule = @Sendable (LDAPFrame) -> Fate

  private struct State {
    var rule: Rule = { _ in .pass }
    var counts: [LDAPFrame.Operation: Int] = [:]
    var connections = 0
    var refusesConnections = false
    var isOver = false
  }

  public let directory: String
  public var socket: String { "\(directory)/ldapi" }
  public var uri: String { Slapd.uri(of: socket) }
  private let target: String
  private let listener: Int32
  private let state = Mutex(State())

  public init(to target: String) throws {
    self.target = target
    directory = try temporaryDirectory()
    listener = try UnixStream.listen("\(directory)/ldapi")
    Thread { [self] in accept() }.start()
  }

  /// Holds for what arrives from now on.
  public func setRule(_ rule: @escaping Rule) { state.withLock { $0.rule = rule } }
  public func passAll() { setRule { _ in .pass } }

  /// The `number`th (from 1) message of this operation from now on has this fate, everything else passes.
  public func set(_ fate: Fate, at operation: LDAPFrame.Operation, number: Int = 1) {
    let seen = Mutex(0)
    setRule { frame in
      guard frame.operation == operation else { return .pass }
      let count = seen.withLock { seen in
        seen += 1
        return seen
      }
      return count == number ? fate : .pass
    }
  }

  /// New connections are closed at once, as long as this is on.
  public func refuseConnections(_ refuses: Bool) { state.withLock { $0.refusesConnections = refuses } }

  public func count(of operation: LDAPFrame.Operation) -> Int { state.withLock { $0.counts[operation, default: 0] } }
  public func resetCounts() { state.withLock { $0.counts = [:] } }
  /// Connections that are open now.
  public var connections: Int { state.withLock { $0.connections } }

  public func end() {
    state.withLock { $0.isOver = true }
    shutdown(listener, Int32(SHUT_RDWR))
    try? FileManager.default.removeItem(atPath: directory)
  }

  private var isOver: Bool { state.withLock { $0.isOver } }

  private func accept() {
    defer { close(listener) }
    while !isOver {
      let client = Foundation.accept(listener, nil, nil)
      guard client >= 0 else { continue }
      guard !state.withLock({ $0.refusesConnections }), let server = try? UnixStream.connect(target) else {
        close(client)
        continue
      }
      state.withLock { $0.connections += 1 }
      Thread { [self] in
        try? carry(client, server)
        close(client)
        close(server)
        state.withLock { $0.connections -= 1 }
      }.start()
    }
  }

  private enum Ending: Error { case cut }

  /// Returns when a side has closed; throws where the rule said so.
  private func carry(_ client: Int32, _ server: Int32) throws {
    var fromClient: [UInt8] = []
    var fromServer: [UInt8] = []
    var lost: Set<Int> = []
    while !isOver {
      var sides = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&sides, 2, 100) > 0 else { continue }
      if sides[0].revents != 0 {
        guard let more = UnixStream.read(client) else { return }
        fromClient += more
        while let frame = try LDAPFrame(cutFrom: &fromClient) {
          try forward(frame, from: client, to: server, isRequest: true, &lost)
        }
      }
      if sides[1].revents != 0 {
        guard let more = UnixStream.read(server) else { return }
        fromServer += more
        while let frame = try LDAPFrame(cutFrom: &fromServer) {
          if lost.contains(frame.id), frame.operation != .searchEntry { throw Ending.cut }
          try forward(frame, from: server, to: client, isRequest: false, &lost)
        }
      }
    }
  }

  private func forward(
    _ frame: LDAPFrame, from: Int32, to: Int32, isRequest: Bool, _ lost: inout Set<Int>
  ) throws {
    let rule = state.withLock { state in
      if let operation = frame.operation { state.counts[operation, default: 0] += 1 }
      return state.rule
    }
    switch rule(frame) {
    case .pass: try UnixStream.write(to, frame.bytes)
    case .drop: break
    case .delay(let seconds):
      Thread.sleep(forTimeInterval: seconds)
      try UnixStream.write(to, frame.bytes)
    case .cut: throw Ending.cut
    case .loseAnswer:
      if isRequest { lost.insert(frame.id) }
      try UnixStream.write(to, frame.bytes)
    case .blackHole: while !isOver { usleep(20_000) }
    case .half(let count):
      try UnixStream.write(to, Array(frame.bytes.prefix(count)))
      while !isOver { usleep(20_000) }
    case .answer(let code): if let answer = frame.answer(code: code) { try UnixStream.write(from, answer.bytes) }
    case .replace(let frames): for frame in frames { try UnixStream.write(to, frame.bytes) }
    }
  }
}
