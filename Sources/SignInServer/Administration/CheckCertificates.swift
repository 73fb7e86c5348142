internal import Configuration
internal import Wire

/// The certificates of TLS listeners, as their files are now.
enum CheckCertificates {
  private static let warnedDays: Int64 = 14
  private static let why = "Clients that look at it, as they should, refuse to connect."

  /// - Parameter now: in seconds since 1970.
  static func findings(of listeners: [Listener], now: Int64) -> [Finding] {
    listeners.compactMap { listener in listener.tls.map { finding($0, now: now) } }
  }

  private static func finding(_ tls: TLSSettings, now: Int64) -> Finding {
    let check = "listen.certificate"
    let credentials: Credentials
    do throws(Credentials.Failure) { credentials = try Credentials.load(tls) } catch {
      return Finding(
        check, .bad, "\(error)", why: "What was loaded before stays in use; the daemon will not start again.",
        mend: "listen.certificate, listen.key and listen.client-ca: files that fit together")
    }
    let days = (credentials.ends - now) / 86_400
    if credentials.ends <= now {
      return Finding(check, .bad, "\(tls.certificate) has expired.", why: why, mend: "a new certificate")
    }
    guard days >= warnedDays else {
      return Finding(
        check, .warning, "\(tls.certificate) expires in \(days) days.", why: why,
        mend: "a new certificate; it is loaded as soon as it is there")
    }
    return Finding(check, .good, "\(tls.certificate) and its key fit, for \(days) days.")
  }
}
