import ArgumentParser
import Wire

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the whole house: directory, access rules, keys, passwords, mail and files.",
    discussion: """
      Changes nothing. The daemon tells what it sees; the rest is asked of slapd by its own tools (ldapsearch, slapacl, \
      slapcat), for which this has to run as root on the directory's host. What cannot be looked at is said to be \
      unknown. docs/doctor.md describes every check.

      Example:
        drawbridge doctor
        drawbridge doctor --json | grep -v '"result":"good"'

      Exit status: 0 all is good, 1 there are warnings, or something is unknown, 2 something is bad, 69 the daemon \
      cannot be reached.
      """)

  @Option(help: "The directory's own socket. Else the daemon's, where it uses one.")
  var ldapi: String?
  @Option(help: "Where slapd's configuration is in the directory.")
  var configDn = "cn=config"
  @Option(
    help:
      "slapd's configuration on the disk, the folder of slapd -F or the file of slapd -f. Else where Debian has it.",
    completion: .file())
  var slapdConfig: String?
  @Option(help: "The DN of an administrator of accounts. Else a member of the group that the access rules name.")
  var administrator: String?
  @Option(help: "The admin socket of the daemon. Else $DRAWBRIDGE_ADMIN_SOCKET, else \(Socket.admin.standardPath).")
  var socket: String?
  @Flag(help: "Print the findings as JSON, an object a line.")
  var json = false

  func run() throws {
    let terminal = Terminal()
    let reply = try terminal.converse(.admin(.init(.check)), at: Socket.admin.path(socket))
    guard reply.kind == .ok else {
      if json { terminal.say(JSON(reply).description) } else { terminal.refuse(reply) }
      throw reply.exitCode
    }
    let daemon = DaemonFacts(reply.fields)
    let source = SlapdSource(slapdConfig ?? SlapdSource.standard)
    var findings = reply.items.compactMap { Finding($0.fields) } + folder(daemon) + slapd(daemon, source)
    switch source {
    case .file(let path): findings = findings.map(FileMend(file: path).applied)
    case .folder: findings = findings.map(SetupMend.applied)
    }
    let report = Report(findings: findings)
    if json { report.sayJSON(on: terminal) } else { report.say(on: terminal) }
    throw report.exitCode
  }

  private func folder(_ daemon: DaemonFacts) -> [Finding] {
    let path = daemon.configurationFile
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == path.utf8.startIndex ? "/" : String(path[..<$0]) } ?? "."
    return [ConfigurationFolder.finding(ConfigurationFolder.look(at: folder), daemon: daemon.uid)]
  }

  private func slapd(_ daemon: DaemonFacts, _ source: SlapdSource) -> [Finding] {
    guard let uri = ldapi ?? daemon.uris.first(where: { $0.hasPrefix("ldapi:") }) else {
      let uris = daemon.uris.joined(separator: ", ")
      return SlapdChecks.unseen(Unseen("The daemon reaches its directory at \(uris), which may be another host's"))
    }
    let observer = SlapdObserver(uri: uri, configurationDN: configDn, source: source)
    return SlapdChecks(observer: observer, daemon: daemon, administrator: administrator).findings()
  }
}
