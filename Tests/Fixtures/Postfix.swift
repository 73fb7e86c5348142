internal import Foundation

/// A real Postfix, with a configuration and a queue of its own, on loopback ports: one submission service asks by Cyrus
/// SASL and saslauthd, the other by Dovecot's protocol. Needs root.
public final class Postfix: @unchecked Sendable {
  public let cyrusPort: Int
  public let dovecotPort: Int
  private let directory: String
  private var child: Child?
  private var master: String { "\(directory)/spool/pid/master.pid" }
  public var log: String { (try? String(contentsOfFile: "\(directory)/log", encoding: .utf8)) ?? "" }

  public init(saslauthd: String, dovecot: String) throws {
    (cyrusPort, dovecotPort) = (try freePort(), try freePort())
    directory = try temporaryDirectory()
    let files = FileManager.default
    for folder in ["etc/sasl", "spool", "data"] {
      try files.createDirectory(atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
    }
    guard chmod(directory, 0o755) == 0, let user = getpwnam("postfix"),
      chown("\(directory)/data", user.pointee.pw_uid, user.pointee.pw_gid) == 0
    else { throw FixtureError("\(directory): \(errno)") }
    let main = """
      compatibility_level = 3.6
      queue_directory = \(directory)/spool
      data_directory = \(directory)/data
      maillog_file = /dev/stdout
      inet_interfaces = 127.0.0.1
      inet_protocols = ipv4
      myhostname = mail.example.org
      mydestination =
      smtpd_sasl_auth_enable = yes
      cyrus_sasl_config_path = \(directory)/etc/sasl
      smtpd_recipient_restrictions = permit_sasl_authenticated, reject
      smtpd_relay_restrictions = permit_sasl_authenticated, reject

      """
    let services = """
      127.0.0.1:\(cyrusPort) inet n - n - - smtpd
        -o smtpd_sasl_type=cyrus -o smtpd_sasl_path=smtpd
      127.0.0.1:\(dovecotPort) inet n - n - - smtpd
        -o smtpd_sasl_type=dovecot -o smtpd_sasl_path=\(dovecot)
      cleanup unix n - n - 0 cleanup
      qmgr unix n - n 300 1 qmgr
      rewrite unix - - n - - trivial-rewrite
      anvil unix - - n - 1 anvil
      proxymap unix - - n - - proxymap
      postlog unix-dgram n - n - 1 postlogd

      """
    let sasl = "pwcheck_method: saslauthd\nsaslauthd_path: \(saslauthd)\nmech_list: PLAIN LOGIN\n"
    for (name, text) in [("main.cf", main), ("master.cf", services), ("sasl/smtpd.conf", sasl)] {
      try text.write(toFile: "\(directory)/etc/\(name)", atomically: true, encoding: .utf8)
    }
    child = try Child(
      ["/usr/sbin/postfix", "-c", "\(directory)/etc", "start-fg"], in: directory, log: "\(directory)/log")
    for port in [cyrusPort, dovecotPort] {
      try Fixtures.await("Postfix at \(port)") {
        guard child?.isAlive == true else { throw FixtureError("Postfix: \(log)") }
        return TCP.accepts(port) ? true : nil
      }
    }
  }

  /// What the server says to a login by a mechanism, such as `235 2.7.0 Authentication successful`.
  public func authenticate(_ mechanism: String, port: Int, login: String, password: String) throws -> String {
    let script = """
      import smtplib, sys
      port, mechanism, user, password = sys.argv[1:]
      server = smtplib.SMTP("127.0.0.1", int(port), timeout=60)
      server.ehlo("client.example.org")
      server.user, server.password = user, password
      method = getattr(server, "auth_" + mechanism.lower())
      try:
          code, text = server.auth(mechanism, method)
      except smtplib.SMTPAuthenticationError as error:
          code, text = error.args
      print(code, text.decode())
      print(server.docmd("MAIL FROM:<a@example.org>")[0], server.docmd("RCPT TO:<b@example.net>")[0])
      server.quit()
      """
    let result = try Command.run("python3", ["-c", script, "\(port)", mechanism, login, password])
    guard result.status == 0 else { throw FixtureError("smtplib: \(result.errors) \(log)") }
    return result.output
  }

  /// The master leads the others, which end with it.
  public func end() {
    let text = try? String(contentsOfFile: master, encoding: .utf8)
    if let pid = text.flatMap({ Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }), pid > 1 {
      kill(pid, SIGKILL)
    }
    child?.end()
    try? FileManager.default.removeItem(atPath: directory)
  }
}
