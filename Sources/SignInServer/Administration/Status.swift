internal import Directory
internal import Mail
internal import Secrets
internal import SignIn
internal import Wire

extension Administration {
  /// So that the rest of the line has room.
  private static let reasonMaxBytes = 512

  /// How the daemon does. A directory that is down is a fact here, not a `LATER`.
  func status() async -> Reply {
    let uptime = ContinuousClock.now - begun
    var fields = [
      Field("version", Version.current), Field("uptime", Int(uptime.components.seconds)),
      Field("connections", admission.count), Field("mail", service.postbox.outbox == nil ? "off" : "on"),
      Field("mail-queue", service.postbox.outbox?.count ?? 0), Field("key", String(service.keys.activeKeyID)),
      Field("keys", service.keys.keyIDs.map(String.init).joined(separator: ",")),
    ]
    if let refusal = sweep.alarm.refusal { fields.append(Field("sweep-refused", refusal.reason.rawValue)) }
    if let refusal = reloading.lastRefusal {
      fields.append(Field("reload-failed", String(decoding: refusal.utf8.prefix(Self.reasonMaxBytes), as: UTF8.self)))
    }
    let health = await service.accounts.health
    if health.servers > 1 || health.failovers > 0 {
      fields += [
        Field("servers", health.servers), Field("resting", health.resting.count), Field("failovers", health.failovers),
      ]
      if health.fencedSeconds > 0 { fields.append(Field("fenced", health.fencedSeconds)) }
    }
    do throws(DirectoryError) {
      let directory = try await service.accounts.standing()
      fields += [
        Field("directory", "connected"), Field("uri", directory.uri),
        Field("ppolicy", directory.knowsPasswordPolicy ? "yes" : "no"),
        Field("shared-entry", directory.hasSharedEntry ? "yes" : "no"),
      ]
      fields += [("sweep-begun", directory.sweepBegun), ("last-sweep", directory.lastSweep)]
        .compactMap { name, time in time.map { Field(name, $0.rfc3339) } }
    } catch {
      fields += [Field("directory", "down"), Field("reason", error.text)]
    }
    return .ok("status", fields)
  }
}
