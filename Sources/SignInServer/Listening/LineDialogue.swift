internal import NIOCore
internal import Wire

/// The line protocol, as `docs/protocol.md` has it.
struct LineDialogue: Dialogue {
  let service: SignInService
  let administration: Administration

  func frame(_ channel: any Channel) throws { try channel.pipeline.syncOperations.addHandler(LineHandler()) }

  var busy: Outbound? { Outbound(bytes: Reply.later("busy", after: 5, text: "Too many connections.").encode()) }

  func talk(
    with visitor: Visitor, _ inbound: NIOAsyncChannelInboundStream<Inbound>,
    _ outbound: NIOAsyncChannelOutboundWriter<Outbound>
  ) async throws {
    var conversation = Conversation(service: service, administration: administration, peer: visitor.peer)
    defer { conversation.hangUp() }
    try await outbound.write(Outbound(conversation.greeting))
    for try await event in inbound {
      let response: Conversation.Response
      switch event {
      case .line(let line):
        response = await conversation.respond(to: line) { item in
          await (try? outbound.write(Outbound(bytes: item.encode(), isWhole: false))) != nil
        }
      case .tooLong: response = Conversation.Response(reply: .err(.lineTooLong), closes: true)
      case .stalled: return
      case .expired:
        guard let expired = conversation.expire() else { return }
        response = expired
      case .quiet:
        if conversation.open == nil { return }
        continue
      case .stopping:
        guard let stopped = conversation.stop() else { return }
        response = stopped
      }
      if response.reply.kind == .ok, response.reply.word == "signed-in" { visitor.place?.isKnown() }
      try await outbound.write(Outbound(response))
      if response.closes { return }
    }
  }
}

extension Outbound {
  fileprivate init(_ response: Conversation.Response) {
    self.init(bytes: response.reply.encode(), deadline: response.deadline.map { TimeAmount($0) })
  }
}
