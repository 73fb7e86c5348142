internal import NIOCore

/// `GET /metrics`, as Prometheus and curl ask it: one request a connection, one reply, and the end.
struct MetricsDialogue: Dialogue {
  let survey: Survey

  func frame(_ channel: any Channel) throws { try channel.pipeline.syncOperations.addHandler(RequestHeadHandler()) }

  var busy: ByteBuffer? { Self.reply("503 Service Unavailable", "too many connections\n") }

  func talk(
    with visitor: Visitor, _ inbound: NIOAsyncChannelInboundStream<RequestHeadHandler.Heard>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws {
    for try await heard in inbound {
      try await outbound.write(await reply(to: heard))
      return
    }
  }

  private func reply(to heard: RequestHeadHandler.Heard) async -> ByteBuffer {
    guard case .request(let head) = heard else { return Self.reply("400 Bad Request", "no HTTP request\n") }
    guard ["GET", "HEAD"].contains(head.method) else {
      return Self.reply("405 Method Not Allowed", "GET /metrics\n", headers: ["Allow: GET, HEAD"])
    }
    guard head.path == "/metrics" else { return Self.reply("404 Not Found", "GET /metrics\n") }
    let exposition: Exposition = head.acceptsOpenMetrics ? .openMetrics : .prometheus
    return Self.reply(
      "200 OK", exposition.text(of: await survey.families()), type: exposition.contentType,
      isHead: head.method == "HEAD")
  }

  private static func reply(
    _ status: String, _ text: String, type: String = "text/plain; charset=utf-8", headers: [String] = [],
    isHead: Bool = false
  ) -> ByteBuffer {
    let lines =
      ["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(text.utf8.count)", "Connection: close"]
      + headers
    return ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n" + (isHead ? "" : text))
  }
}

/// What a request line and its headers say, as far as it is looked at (RFC 9112).
struct RequestHead: Equatable, Sendable {
  let method: String
  let path: String
  var acceptsOpenMetrics = false

  /// Nil where it is none of HTTP/1.
  ///
  /// - Parameter lines: without their ends.
  init?(_ lines: [ArraySlice<UInt8>]) {
    let words = (lines.first ?? []).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, words[2].starts(with: "HTTP/1.".utf8), words[2].count == 8 else { return nil }
    method = String(decoding: words[0], as: UTF8.self)
    path = String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
    for line in lines.dropFirst() {
      let text = String(decoding: line, as: UTF8.self).lowercased()
      if text.hasPrefix("accept:"), text.contains("application/openmetrics-text") { acceptsOpenMetrics = true }
    }
  }
}

/// Cuts the one request of a connection out of its stream. All of it has ten seconds, the reply that is to be read, too.
final class RequestHeadHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Heard

  enum Heard: Equatable, Sendable {
    case request(RequestHead)
    case malformed
  }

  private static let deadline = TimeAmount.seconds(10)
  private static let headMaxBytes = 8192

  private var bytes: [UInt8] = []
  private var alarm: Scheduled<Void>?
  private var isDone = false

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    alarm = context.eventLoop.scheduleTask(in: Self.deadline) { bound.value.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    for byte in unwrapInboundIn(data).readableBytesView where !isDone {
      bytes.append(byte)
      if byte == UInt8(ascii: "\n"), bytes.ends(with: "\n\n") || bytes.ends(with: "\n\r\n") {
        end(context)
      } else if bytes.count >= Self.headMaxBytes {
        bytes = []
        end(context)
      }
    }
  }

  /// The daemon ends: who has not asked yet has little time for it.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is Drain.Begun else { return context.fireUserInboundEventTriggered(event) }
    guard !isDone else { return }
    alarm?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    alarm = context.eventLoop.scheduleTask(in: Drain.grace) { bound.value.close(promise: nil) }
  }

  private func end(_ context: ChannelHandlerContext) {
    isDone = true
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    bytes = []
    context.fireChannelRead(wrapInboundOut(RequestHead(lines).map { .request($0) } ?? .malformed))
  }

  func channelInactive(context: ChannelHandlerContext) {
    alarm?.cancel()
    alarm = nil
    context.fireChannelInactive()
  }
}

extension [UInt8] {
  fileprivate func ends(with text: StaticString) -> Bool {
    suffix(text.utf8CodeUnitCount).elementsEqual("\(text)".utf8)
  }
}
