internal import Directory
internal import Logging
internal import SignIn
internal import Wire

extension Sweep {
  /// A sweep that an administrator asked for. It stops where the client goes.
  func reply(_ mode: Mode, for peer: Peer, items: ItemSink) async -> Reply {
    do throws(Failure) {
      let outcome = try await run(mode, for: peer) { note in await items(Item(note)) }
      switch outcome {
      case .refused(let refusal): return .no("brake", refusal.fields, text: refusal.text)
      case .swept(let summary):
        service.audit(summary.event(mode, peer: peer))
        return summary.reply
      }
    } catch .directory(.unsuitable(let text)) {
      service.logger.error("the sweep was cut short", metadata: ["reason": "\(text)"])
      return .no("unfit", text: text)
    } catch .record(let text) {
      service.logger.error("the sweep was cut short", metadata: ["reason": "\(text)"])
      return .no("unfit", text: text)
    } catch .directory(let error) {
      return service.reply(to: service.later(error))
    } catch {
      service.logger.error("the sweep was cut short; the next one goes on", metadata: ["reason": "\(error.text)"])
      return .no("stopped", text: error.text)
    }
  }
}

extension Item {
  fileprivate init(_ note: Sweep.Note) {
    let account = note.account
    let fields: [Field?] = [
      Field("dn", account.dn), account.mail.map { Field("login", $0) },
      account.idleSince?.time.map { Field("idle-since", $0.rfc3339) }, Field("action", note.act.rawValue),
      note.reason.map { Field("reason", $0) },
    ]
    self.init(fields.compactMap { $0 })
  }
}

extension Sweep.Summary {
  private var fields: [Field] {
    [
      Field("examined", examined), Field("deactivated", self[.deactivated, .wouldDeactivate]),
      Field("clocks", self[.clockSet, .wouldSetClock]), Field("reactivated", self[.reactivated, .wouldReactivate]),
      Field("skipped", self[.skipped]), Field("warned", self[.warned, .wouldWarn]),
      Field("invitations", self[.invitationDated, .wouldDateInvitation]),
    ]
  }

  fileprivate var reply: Reply {
    let record = record.map { [Field("record", $0)] } ?? []
    guard let refusal else { return .ok("swept", fields + record) }
    return .ok("swept", fields + [Field("brake", refusal.reason.rawValue)], text: "Would be refused. " + refusal.text)
  }

  func event(_ mode: Sweep.Mode, peer: Peer?) -> AuditEvent {
    let record = record.map { [("record", Array($0.utf8))] } ?? []
    return AuditEvent(
      kind: .sweep, name: mode.rawValue, result: "done", peer: peer, facts: fields.map { ($0.name, $0.value) } + record)
  }
}
