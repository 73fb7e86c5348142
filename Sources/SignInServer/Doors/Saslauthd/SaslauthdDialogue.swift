internal import NIOCore

/// The protocol of Cyrus SASL's saslauthd: one request, one reply, and the end.
struct SaslauthdDialogue: Dialogue {
  let door: Door

  func frame(_ channel: any Channel) throws { try channel.pipeline.syncOperations.addHandler(SaslauthdHandler()) }

  var busy: ByteBuffer? { Self.reply("NO busy") }

  func talk(
    with visitor: Visitor, _ inbound: NIOAsyncChannelInboundStream<SaslauthdHandler.Heard>,
    _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) async throws {
    for try await heard in inbound {
      switch heard {
      case .malformed: try await outbound.write(Self.reply("NO malformed"))
      case .request(let request):
        let attempt = Door.Attempt(
          login: request.wholeLogin, secret: request.secret, service: request.service, from: nil, peer: visitor.peer)
        switch await door.verdict(on: attempt) {
        case .accepted: try await outbound.write(Self.reply("OK"))
        case .refused(let refusal, _): try await outbound.write(Self.reply("NO \(refusal.rawValue)"))
        case .later(let reason): try await outbound.write(Self.reply("NO \(reason)"))
        }
      }
      return
    }
  }

  private static func reply(_ text: String) -> ByteBuffer { ByteBuffer(bytes: SaslauthdReply.encode(text)) }
}
