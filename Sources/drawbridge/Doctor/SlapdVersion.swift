import Wire

/// The version of slapd, and what is known to go wrong in it.
struct SlapdVersion: Equatable, Comparable, CustomStringConvertible {
  let numbers: [Int]
  var description: String { numbers.map { String($0) }.joined(separator: ".") }

  init(_ numbers: Int...) { self.numbers = numbers }

  /// `@(#) $OpenLDAP: slapd 2.5.13+dfsg-5 (…) $`
  init?(parsing text: [UInt8]) {
    let words = text.split { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 }
    guard let name = words.firstIndex(where: { $0.elementsEqual("slapd".utf8) }), name + 1 < words.endIndex else {
      return nil
    }
    let numbers = words[name + 1].prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
      .split(separator: UInt8(ascii: ".")).map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    guard numbers.count >= 2 else { return nil }
    self.numbers = numbers
  }

  static func < (a: SlapdVersion, b: SlapdVersion) -> Bool { a.numbers.lexicographicallyPrecedes(b.numbers) }

  /// - Parameters:
  ///   - configuration: nil where it was not seen; then no overlay is spoken of but by the file.
  ///   - file: of a slapd that runs from one.
  func findings(_ configuration: SlapdConfiguration?, file: [UInt8]? = nil) -> [Finding] {
    var findings: [Finding] = []
    if self < SlapdVersion(2, 5) {
      findings.append(
        Finding(
          "slapd.version", .bad, "slapd is \(self).", why: "Drawbridge was made for OpenLDAP 2.5 and later.",
          mend: "Upgrade slapd"))
    } else if self == SlapdVersion(2, 5, 13) {
      findings.append(
        Finding(
          "slapd.version", .note, "slapd is \(self), which LDAP transactions crash.",
          why: "Drawbridge uses none (RFC 5805); another client of this directory must not either.",
          mend: "Upgrade slapd before anything uses transactions"))
    } else {
      findings.append(Finding("slapd.version", .good, "slapd is \(self)."))
    }
    if let configuration { return findings + overlays(configuration) }
    return findings + (file.map(SlapdConfFile.hasBindHook) ?? false ? [bindHook("the file")].compactMap { $0 } : [])
  }

  /// Nil where it is no trap any more.
  private func bindHook(_ place: String) -> Finding? {
    guard self < SlapdVersion(2, 6, 14) else { return nil }
    return Finding(
      "slapd.sock-overlay", .bad, "slapo-sock has a bind hook, in slapd \(self).",
      why: "Below 2.6.14 it lets wrong passwords in.",
      mend: "Take `bind` out of olcOvSocketOps (in slapd.conf, sockops) of \(place), or upgrade slapd")
  }

  private func overlays(_ configuration: SlapdConfiguration) -> [Finding] {
    var findings: [Finding] = []
    for database in configuration.databases {
      let binds = database.overlay("sock").map {
        $0.values("olcOvSocketOps").contains { $0.lowercased().contains("bind") }
      }
      if binds ?? false, let trap = bindHook(database.overlay("sock")?.dn ?? "") { findings.append(trap) }
      if let otp = database.overlay("otp") {
        findings.append(
          Finding(
            "slapd.otp-overlay", .warning, "slapo-otp is loaded.",
            why: "It is a second factor of its own, beside Drawbridge's, and accepts a code twice when binds race.",
            mend: "dn: \(otp.dn)\nchangetype: delete"))
      }
    }
    return findings
  }
}
