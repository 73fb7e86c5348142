import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import SignInServer

/// The deadlines of `docs/protocol.md`, on a clock that the test moves.
@Suite("A line") struct LineHandlerTests {
  private let channel = EmbeddedChannel(handler: LineHandler())

  private func read(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

  private func next() throws -> String? {
    switch try channel.readInbound(as: Inbound.self) {
    case .line(let bytes): String(decoding: bytes, as: UTF8.self)
    case .tooLong: "(too long)"
    case .stalled: "(stalled)"
    case .expired: "(expired)"
    case .quiet: "(quiet)"
    case .stopping: "(stopping)"
    case nil: nil
    }
  }

  private func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

  private func reply(deadline: TimeAmount?) throws {
    try channel.writeOutbound(Outbound(bytes: Array("OK\n".utf8), deadline: deadline))
    #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "OK\n"))
  }

  @Test("is cut at its LF, however it arrives")
  func cuts() throws {
    try read("PING\nQU")
    try read("IT\r\n\n")
    #expect(try [next(), next(), next(), next()] == ["PING", "QUIT\r", "", nil])
  }

  @Test("of 4,096 bytes is one; of a byte more it is none, and nothing after it is heard")
  func tooLong() throws {
    try read(String(repeating: "a", count: LineLimit.lineMaxBytes) + "\n")
    #expect(try next()?.utf8.count == LineLimit.lineMaxBytes)
    try read(String(repeating: "a", count: LineLimit.lineMaxBytes + 1))
    try read("\nPING\n")
    #expect(try [next(), next()] == ["(too long)", nil])
  }

  @Test("that was begun has ten seconds, whatever drips in")
  func stalls() throws {
    for _ in 0..<9 {
      try read("a")
      advance(1)
    }
    #expect(try next() == nil)
    advance(1)
    #expect(try next() == "(stalled)")
    try read("\nPING\n")
    #expect(try next() == nil)
  }

  @Test("that came in time starts no alarm")
  func inTime() throws {
    try read("PI")
    advance(9)
    try read("NG\n")
    advance(60)
    #expect(try [next(), next()] == ["PING", nil])
  }

  @Test("is awaited until the deadline of the last reply, and no longer")
  func expires() throws {
    try reply(deadline: .seconds(120))
    advance(119)
    #expect(try next() == nil)
    advance(1)
    #expect(try [next(), next()] == ["(expired)", nil])
    try reply(deadline: nil)
    advance(3600)
    #expect(try next() == nil)
  }

  @Test("of a client that is gone raises no alarm later")
  func gone() throws {
    try reply(deadline: .seconds(120))
    try read("half")
    _ = try channel.finish(acceptAlreadyClosed: true)
    advance(3600)
    #expect(try next() == nil)
  }
}

/// What a client does not read is not kept for ever.
@Suite("A reply") struct UnreadReplyTests {
  private let channel = EmbeddedChannel(handler: LineHandler())
  private var loop: EmbeddedEventLoop { channel.embeddedEventLoop }

  init() throws { try channel.connect(to: SocketAddress(unixDomainSocketPath: "/s")).wait() }

  /// Written, and not flushed: as if the client read nothing.
  private func write(_ count: Int) {
    for _ in 0..<count {
      channel.write(Outbound(bytes: Array("OK pong\n".utf8), deadline: .seconds(120)), promise: nil)
    }
  }

  @Test("that does not go out closes the connection after ten seconds")
  func closes() {
    write(3)
    loop.advanceTime(by: .seconds(9))
    #expect(channel.isActive)
    loop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
  }

  @Test("that goes out, late, gives those behind it their time anew")
  func progress() {
    write(2)
    for _ in 0..<5 {
      loop.advanceTime(by: .seconds(9))
      channel.flush()
      write(2)
    }
    #expect(channel.isActive)
    loop.advanceTime(by: .seconds(10))
    #expect(!channel.isActive)
  }

  @Test("to each of 500 lines leaves one alarm, not a pile of them", arguments: [true, false])
  func alarms(areRead: Bool) throws {
    for _ in 0..<500 {
      try channel.writeInbound(ByteBuffer(string: "PING\nPI"))
      try channel.writeInbound(ByteBuffer(string: "NG\n"))
      write(1)
      if areRead { channel.flush() }
    }
    #expect(loop.scheduledCount <= 2)
  }
}

extension EmbeddedEventLoop {
  /// What it has been asked to do later; NIOEmbedded does not tell.
  fileprivate var scheduledCount: Int {
    for case (label: "scheduledTasks"?, let tasks) in Mirror(reflecting: self).children {
      for case (label: "_heap"?, let heap) in Mirror(reflecting: tasks).children {
        for case (label: "storage"?, let storage) in Mirror(reflecting: heap).children {
          return Mirror(reflecting: storage).children.count
        }
      }
    }
    return .max
  }
}
