import Wire

/// Whether slapd itself verifies what stands in `userPassword`.
enum StoredPasswords {
  /// The module that each scheme needs; the others are slapd's own.
  private static let modules = [
    "ARGON2": "argon2", "PBKDF2": "pw-pbkdf2", "PBKDF2-SHA1": "pw-pbkdf2", "PBKDF2-SHA256": "pw-pbkdf2",
    "PBKDF2-SHA512": "pw-pbkdf2", "SHA256": "pw-sha2", "SSHA256": "pw-sha2", "SHA384": "pw-sha2", "SSHA384": "pw-sha2",
    "SHA512": "pw-sha2", "SSHA512": "pw-sha2",
  ]

  static func modules(_ configuration: SlapdConfiguration, schemes: [String: Int]) -> Finding {
    let check = "slapd.password-modules"
    // Drawbridge writes ARGON2, whether there is one already or not.
    var missing: [String: [String]] = [:]
    for scheme in Set(schemes.keys).union(["ARGON2"]).sorted() {
      guard let module = modules[scheme], configuration.module(module) == nil else { continue }
      missing[module, default: []].append("{\(scheme)} (\(schemes[scheme, default: 0]))")
    }
    guard !missing.isEmpty else {
      return Finding(check, .good, "slapd verifies every scheme that is in use, and what Drawbridge writes.")
    }
    let told = missing.sorted { $0.key < $1.key }.map { "\($0.value.joined(separator: ", ")) for want of \($0.key)" }
    return Finding(
      check, .warning, "slapd does not verify \(told.joined(separator: "; ")).",
      why: "Their owners sign in through Drawbridge, and cannot bind to slapd: \"Invalid credentials\" (49).",
      mend: "dn: cn=module{0},cn=config\nchangetype: modify\n"
        + missing.keys.sorted().map { "add: olcModuleLoad\nolcModuleLoad: \($0)" }.joined(separator: "\n-\n"))
  }

  static let threadsMin = 16

  /// - Parameter sasl: the text of slapd's SASL configuration, nil where there is none.
  static func passThrough(_ configuration: SlapdConfiguration, count: Int, sasl: [UInt8]?) -> Finding {
    let check = "slapd.pass-through"
    guard count > 0 else { return Finding(check, .good, "No password passes through to SASL.") }
    let path = sasl.flatMap(saslauthdPath)
    guard let path else {
      return Finding(
        check, .warning, "\(count) passwords pass through ({SASL}), and slapd's SASL names no saslauthd_path.",
        why: "slapd asks whoever listens at saslauthd's usual place, or nobody.",
        mend: "printf 'pwcheck_method: saslauthd\\nsaslauthd_path: /run/…/mux\\n' >/etc/ldap/sasl2/slapd.conf")
    }
    // 16 unless set (slapd-config(5)).
    let threads = configuration.global.value("olcThreads").flatMap { Int($0) } ?? threadsMin
    guard threads >= threadsMin else {
      return Finding(
        check, .warning, "\(count) passwords pass through to \(path), and slapd has \(threads) threads.",
        why: "Each such bind holds one while it waits; with none left nothing else is answered.",
        mend: "dn: cn=config\nchangetype: modify\nreplace: olcThreads\nolcThreads: \(threadsMin)")
    }
    return Finding(
      check, .note, "\(count) passwords pass through to \(path); slapd has \(threads) threads.",
      why: "Each such bind holds a thread while it waits.")
  }

  /// `saslauthd_path: /run/…`, a line.
  private static func saslauthdPath(_ text: [UInt8]) -> String? {
    for line in text.split(separator: 0x0A) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), line.first != UInt8(ascii: "#") else { continue }
      let name = line[..<colon].filter { $0 != 0x20 && $0 != 0x09 }
      guard name.elementsEqual("saslauthd_path".utf8) else { continue }
      let value = line[(colon + 1)...].filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
      return value.isEmpty ? nil : Array(value).shown
    }
    return nil
  }
}
