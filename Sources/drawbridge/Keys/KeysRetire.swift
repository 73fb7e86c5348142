import ArgumentParser
import Glibc
import Secrets
import Wire

struct KeysRetire: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Take a key that nothing needs any more out of the ring.",
    discussion: """
      For root on the daemon's host, with the daemon running: it counts what is still under the key. Not while that is \
      anything, and not before the last session that may be sealed under the key has ended; --now ends those sessions. Where \
      several hosts serve one directory: on each.

      Example:
        drawbridge keys retire 1311768467
      """)

  @Argument(help: ArgumentHelp("The number of the key.", valueName: "id")) var key: KeyID
  @Flag(help: "Do not wait for sessions and flows that are sealed under the key: they end.") var now = false
  @OptionGroup var ring: RingOption
  @OptionGroup var options: AdminOptions

  func run() throws {
    let terminal = Terminal()
    let reply = try terminal.converse(.admin(.init(.keys(.status))), at: options.socket)
    guard let report = KeyReport(reply) else {
      terminal.refuse(reply)
      throw reply.kind == .ok ? ExitCode(EX_PROTOCOL) : reply.exitCode
    }
    let closed = try terminal.changing { () throws(KeyRingFailure) in try ring.file.ring(with: key.id) }.closed[key.id]
    if let objection = Self.objection(to: key.id, report, closed: closed, now: now ? nil : Int64(time(nil))) {
      terminal.tell(objection, .bad)
      throw ExitCode.failure
    }
    try terminal.changing { () throws(KeyRingFailure) in try ring.file.retire(key.id) }
    if options.json {
      terminal.say(JSON(.ok("retired", [Field("key", String(key.id))])).description)
      return
    }
    terminal.say("Key \(key.id) is no longer in \(ring.ring).".withoutControls, .good)
    terminal.tellToRead()
    terminal.say("Keep the offline copy that has it as long as backups of the directory are sealed under it.")
  }

  /// Why a key may not go yet.
  ///
  /// - Parameters:
  ///   - closed: when it ceased to be active, in seconds since 1970, where the ring tells.
  ///   - now: likewise; nil where sessions shall not be waited for.
  static func objection(to id: UInt32, _ report: KeyReport, closed: Int64?, now: Int64?) -> String? {
    if report.active == id { return "Key \(id) is the one that the daemon seals with: activate another, and reload." }
    if let key = report.keys.first(where: { $0.id == id }), key.secrets + key.recoveryCodes > 0 {
      return "\(key.secrets) authenticators and \(key.recoveryCodes) recovery codes are still under key \(id): "
        + "drawbridge keys rotate"
    }
    guard let now else { return nil }
    let wait = "or end them: --now"
    if let key = report.keys.first(where: { $0.id == id }), key.mailedCodes > 0 {
      return "\(key.mailedCodes) mailed codes under key \(id) have not run out; wait, \(wait)"
    }
    guard let closed else {
      return "The ring does not tell since when key \(id) is no longer active. Sessions under it may be good for "
        + "\(report.tokenSeconds) s after that; wait, \(wait)"
    }
    let left = closed + Int64(report.tokenSeconds) - now
    return left > 0 ? "Sessions under key \(id) may be good for \(left) s more; wait, \(wait)" : nil
  }
}
