internal import Directory
internal import Logging
internal import Secrets
internal import SignIn
internal import Wire

/// `KEYS`: which keys there are and what is under them; `KEYS rotate`: everything under the active one.
extension Administration {
  func keys(_ mode: Request.Admin.KeysMode, items: ItemSink) async throws(DirectoryError) -> Reply {
    switch mode {
    case .status: try await keysInUse(items)
    case .rotate: try await rotate(items)
    }
  }

  private func keysInUse(_ items: ItemSink) async throws(DirectoryError) -> Reply {
    let ring = service.keys
    var use = KeyUse()
    try await service.accounts.forEach(.underKeys) { account throws(DirectoryError) in
      use.count(account, at: service.now())
      return !Task.isCancelled
    }
    let unknown = use.ids.filter { !ring.keyIDs.contains($0) && use.all(under: $0) > 0 }
    for id in ring.keyIDs + unknown {
      let state = id == ring.activeKeyID ? "active" : unknown.contains(id) ? "unknown" : "open"
      _ = await items(
        Item(
          [
            Field("key", String(id)), Field("state", state), Field("secrets", use.secrets[id, default: 0]),
            Field("recovery-codes", use.recoveryCodes[id, default: 0]),
            Field("mailed-codes", use.mailedCodes[id, default: 0]),
          ] + (ring.closed[id].map { [Field("closed", Timestamp(seconds: $0).rfc3339)] } ?? [])))
    }
    if !unknown.isEmpty {
      service.logger.critical(
        "the directory holds what is sealed under keys that keys.ring lacks",
        metadata: ["keys": "\(unknown.map(String.init).joined(separator: ","))"])
    }
    let older = use.ids.filter { $0 != ring.activeKeyID }.reduce(0) { $0 + use.stored(under: $1) }
    return .ok(
      "keys",
      [
        Field("active", String(ring.activeKeyID)), Field("older", older),
        Field("unknown", unknown.reduce(0) { $0 + use.all(under: $1) }), Field("malformed", use.malformed),
        Field("token-seconds", tokenSeconds),
      ])
  }

  /// So long may what is sealed under a key and not in the directory be good: sessions, mailed codes, tickets.
  private var tokenSeconds: Int {
    Int(max(service.sessions.lifetimeSeconds, service.rules.codeLifetimeSeconds, Ticket.lifetimeSeconds))
  }

  private func rotate(_ items: ItemSink) async throws(DirectoryError) -> Reply {
    let rotation = Rotation(service: service, pace: sweep.pace)
    let summary = try await rotation.run { note in await items(Item(note)) }
    guard let summary else { return .no("stopped", text: "Stopped. What is left is found by the next rotation.") }
    service.logger.notice(
      "keys rotated",
      metadata: [
        "key": "\(service.keys.activeKeyID)", "secrets": "\(summary.secrets)",
        "recovery-codes": "\(summary.recoveryCodes)", "left": "\(summary.left)",
      ])
    return .ok(
      "rotated",
      [
        Field("active", String(service.keys.activeKeyID)), Field("secrets", summary.secrets),
        Field("recovery-codes", summary.recoveryCodes), Field("left", summary.left), Field("unknown", summary.unknown),
        Field("damaged", summary.damaged),
      ])
  }
}

extension Item {
  fileprivate init(_ note: Rotation.Note) {
    switch note {
    case .progress(let examined, let resealed):
      self.init([Field("examined", examined), Field("resealed", resealed)])
    case .stuck(let account, let key):
      self.init(
        [
          Field("dn", account.dn), Field("reason", key == nil ? "damaged" : "unknown-key"),
        ] + (key.map { [Field("key", String($0))] } ?? []))
    }
  }
}
