import Wire

/// What slapd itself makes of a password that it is given in clear: by ldappasswd, or where ppolicy hashes what it finds.
enum SlapdHashes {
  /// Costs that OWASP's Password Storage Cheat Sheet calls equal: the cheapest, by passes.
  private static let leastKiB = [1: 47_104, 2: 19_456, 3: 12_288, 4: 9_216, 5: 7_168]

  /// - Parameter passes: beyond five, as five.
  static func isWeak(memoryKiB: Int, passes: Int) -> Bool {
    guard let least = leastKiB[min(passes, 5)] else { return true }
    return memoryKiB < least
  }

  static func finding(_ configuration: SlapdConfiguration) -> Finding {
    let check = "slapd.password-hash"
    let frontend = configuration.databases.first {
      $0.entry.value("olcDatabase").map { Numbered($0).text } == "frontend"
    }
    let values = (frontend?.entry.values("olcPasswordHash") ?? []) + configuration.global.values("olcPasswordHash")
    let schemes = values.flatMap { $0.uppercased().split(separator: " ") }
    guard schemes.contains("{ARGON2}"), let module = configuration.module("argon2") else {
      // {SSHA} unless set (slapd-config(5)).
      let scheme = schemes.first.map { String($0) } ?? "{SSHA}"
      return Finding(
        check, .note, "slapd makes \(scheme) of passwords that it is given in clear.",
        why: "By ldappasswd, for one. Whoever steals such hashes guesses far faster than those of Drawbridge.",
        mend: "dn: \(frontend?.entry.dn ?? "olcDatabase={-1}frontend,cn=config")\nchangetype: modify\n"
          + "replace: olcPasswordHash\nolcPasswordHash: {ARGON2}")
    }
    let (memoryKiB, passes) = costs(module.arguments)
    guard isWeak(memoryKiB: memoryKiB, passes: passes) else {
      return Finding(check, .good, "slapd makes {ARGON2} of \(memoryKiB) KiB and \(passes) passes.")
    }
    return Finding(
      check, .warning, "slapd makes {ARGON2} of \(memoryKiB) KiB and \(passes) passes of passwords in clear.",
      why: "It is the module's default unless set, and cheap to guess.",
      mend: "With slapd stopped, in place of the module's olcModuleLoad (in slapd.conf, moduleload): "
        + "argon2 m=19456 t=2 p=1")
  }

  /// Of `m=` and `t=`; unless set, those of Debian's slapd 2.5: m=4096, t=3.
  private static func costs(_ arguments: [String]) -> (memoryKiB: Int, passes: Int) {
    func number(_ name: String) -> Int? {
      arguments.last { $0.hasPrefix("\(name)=") }.flatMap { Int($0.dropFirst(2)) }
    }
    return (number("m") ?? 4_096, number("t") ?? 3)
  }
}
