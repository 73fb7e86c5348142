import NIOCore
import NIOEmbedded
import Testing

@testable import SignInServer

/// When the daemon ends, on a clock that the test moves.
@Suite("A connection, when the daemon ends,") struct DrainTests {
  private let channel = EmbeddedChannel(handler: LineHandler())

  private func read(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

  private func next() throws -> String? {
    switch try channel.readInbound(as: Inbound.self) {
    case .line(let bytes): String(decoding: bytes, as: UTF8.self)
    case .quiet: "(quiet)"
    case .stopping: "(stopping)"
    case .stalled: "(stalled)"
    case .tooLong, .expired: "(other)"
    case nil: nil
    }
  }

  private func advance(_ milliseconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .milliseconds(milliseconds)) }

  private func drain() { channel.pipeline.fireUserInboundEventTriggered(Drain.Begun()) }

  private func reply(isWhole: Bool = true) throws {
    try channel.writeOutbound(Outbound(bytes: Array("OK\n".utf8), isWhole: isWhole))
    _ = try channel.readOutbound(as: ByteBuffer.self)
  }

  @Test("that has just begun has two seconds for its line")
  func fresh() throws {
    try reply()
    drain()
    advance(1999)
    #expect(try next() == nil)
    advance(1)
    #expect(try next() == "(quiet)")
  }

  @Test("that was idle for longer is quiet after a tenth of a second")
  func idle() throws {
    try reply()
    advance(2001)
    drain()
    advance(99)
    #expect(try next() == nil)
    advance(1)
    #expect(try next() == "(quiet)")
  }

  @Test("that waits for its reply is not quiet before it, nor before the last item of a list")
  func awaiting() throws {
    try read("LIST\n")
    drain()
    advance(5000)
    #expect(try next() == "LIST")
    try reply(isWhole: false)
    advance(5000)
    #expect(try next() == nil)
    try reply()
    advance(1)
    #expect(try next() == "(quiet)")
  }

  @Test("that has begun a line is not quiet before its end")
  func begun() throws {
    try reply()
    drain()
    advance(1000)
    try read("PI")
    advance(3000)
    #expect(try next() == nil)
    try read("NG\n")
    advance(3000)
    #expect(try next() == "PING")
    #expect(try next() == nil)
  }

  @Test("is told once that there is no more time, 22 seconds later, and hears nothing after it")
  func stopping() throws {
    drain()
    try read("SIGNIN jdoe\n")
    try reply()
    advance(21_999)
    var heard: [String] = []
    while let event = try next() { heard.append(event) }
    #expect(heard == ["SIGNIN jdoe", "(quiet)"])
    advance(1)
    #expect(try next() == "(stopping)")
    try read("PING\n")
    advance(60_000)
    #expect(try next() == nil)
  }

  @Test("that reads metrics, and has not asked yet, has two seconds")
  func metrics() throws {
    let channel = EmbeddedChannel(handler: RequestHeadHandler())
    try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
    try channel.writeInbound(ByteBuffer(string: "GET "))
    channel.pipeline.fireUserInboundEventTriggered(Drain.Begun())
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1999))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
  }
}
