import Fixtures
import Foundation
import Secrets
import Testing

/// What the daemon itself sees, each thing broken in a real house.
@Suite("The doctor's daemon") struct DaemonSideTests {
  @Test("names a directory that is down, and what could not be looked at for it")
  func directoryDown() async throws {
    try await DoctorHouse.with { house in
      try house.house.slapd.kill()
      let report = try house.report()
      #expect(report.status == 2)
      #expect(report["directory.server"]?.result == "bad")
      #expect(report["accounts.read"]?.result == "unknown")
      for check in ["access.self", "slapd.limits", "slapd.password-modules", "slapd.pass-through"] {
        #expect(report[check]?.result == "unknown", "\(check)")
      }
      #expect(!report.findings.contains { $0.check.hasPrefix("directory.") && $0.result == "good" })
    }
  }

  @Test("names the version of the schema where it is another, and where there is none")
  func schemaVersion() async throws {
    try await DoctorHouse.with { house in
      let entry = "dn: cn=drawbridge,\(Slapd.suffix)\nchangetype: modify\n"
      try house.modify(entry + "replace: drawbridgeSchemaVersion\ndrawbridgeSchemaVersion: 2")
      let other = try #require(try house.report()["directory.schema-version"])
      #expect(other.result == "bad" && other.what.contains("version 2") && other.what.contains("knows 1"))
      try house.modify(entry + "delete: drawbridgeSchemaVersion")
      #expect(try house.report()["directory.schema-version"]?.result == "unknown")
      try house.modify("dn: cn=drawbridge,\(Slapd.suffix)\nchangetype: delete")
      let gone = try #require(try house.report()["directory.entries"])
      #expect(gone.result == "bad" && gone.what.contains("cn=drawbridge,\(Slapd.suffix)"))
    }
  }

  @Test("names a schema that was never loaded, and one that is older than the daemon")
  func schema() async throws {
    let options = DoctorHouse.options { $0.leavesOut.formUnion(["access", "access-ppolicy", "limits"]) }
    try await DoctorHouse.with(options) { house in
      let entry = try Command.run(
        "ldapsearch",
        [
          "-Q", "-LLL", "-Y", "EXTERNAL", "-H", house.house.slapd.uri, "-b", "cn=schema,cn=config", "(cn=*drawbridge)",
          "dn",
        ])
      let dn = try #require(entry.output.split(separator: "\n").first)
      // The class first: it names the attribute.
      let classes = try Slapd.schema("drawbridge.ldif").replacingOccurrences(of: "\n ", with: "")
        .split(separator: "\n").filter { $0.hasPrefix("olcObjectClasses:") }
        .map { $0.replacingOccurrences(of: " $ drawbridgeNoticesSent", with: "") }
      try house.configure("\(dn)\nchangetype: modify\nreplace: olcObjectClasses\n" + classes.joined(separator: "\n"))
      let found = try Command.run(
        "ldapsearch",
        [
          "-Q", "-LLL", "-o", "ldif-wrap=no", "-Y", "EXTERNAL", "-H", house.house.slapd.uri, "-b",
          String(dn.dropFirst(4)), "olcAttributeTypes",
        ])
      let attributes = found.output.split(separator: "\n").filter {
        $0.hasPrefix("olcAttributeTypes:") && !$0.contains("drawbridgeNoticesSent")
      }
      try house.configure(
        "\(dn)\nchangetype: modify\nreplace: olcAttributeTypes\n" + attributes.joined(separator: "\n"))
      let older = try #require(try house.report()["directory.schema"])
      #expect(older.result == "bad" && older.what.hasSuffix("it lacks drawbridgeNoticesSent."), "\(older)")
    }
  }

  @Test("names keys that are not in the ring, with how much is sealed under each, and values that are no secrets")
  func keys() async throws {
    try await DoctorHouse.with { house in
      let ring = "\(house.house.daemon.directory)/other-keys"
      #expect(try Command.run(Daemon.binary("drawbridged"), ["--make-key-ring", ring]).status == 0)
      let strangers = try ["a", "b"].map { Person($0, secret: try SystemRandom.bytes(20)) }
      try house.house.slapd.seed(strangers, keys: ring)
      let id = try KeyRing.load(path: ring).activeKeyID
      let lost = try #require(try house.report()["keys.in-use"])
      #expect(lost.result == "bad" && lost.what.contains("2 authenticators under \(id)."))
      try house.house.slapd.modify(
        strangers[0], "replace: drawbridgeTOTPSecret\n" + Slapd.line("drawbridgeTOTPSecret", Data("short".utf8)))
      let report = try house.report()
      #expect(report["keys.damaged"]?.what.hasPrefix("1 values") == true)
      #expect(report["keys.in-use"]?.what.contains("1 authenticators under \(id).") == true)
    }
  }

  @Test("counts hashes by scheme; names cheap ones, and those that nobody can sign in with")
  func passwords() async throws {
    try await DoctorHouse.with { house in
      let cheap = Person("cheap")
      try house.house.slapd.seed(
        [cheap], keys: house.house.daemon.keys, parameters: Argon2Parameters(memoryKiB: 32, passes: 1, lanes: 1))
      try house.house.slapd.add(Slapd.account("ssha", ["userPassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g0"]))
      let counted = try house.report()
      #expect(counted["passwords.cost"]?.result == "warning")
      #expect(counted["passwords.cost"]?.what.hasPrefix("1 Argon2") == true)
      #expect(counted["passwords.schemes"]?.what == "Hashes by scheme: {ARGON2} 3, {SSHA} 1.")
      try house.house.slapd.add(Slapd.account("md5", ["userPassword: {SMD5}W6ph5Mm5Pz8GgiULbPgzG37mj9g0"]))
      try house.house.slapd.add(Slapd.account("clear", ["userPassword: a-clear-password"]))
      let run = try house.doctor()
      let foreign = try #require(try house.report()["passwords.schemes"])
      #expect(foreign.result == "bad" && foreign.what.contains("1 in clear text, 1 in {SMD5}"))
      #expect(!run.output.contains("a-clear-password"))
      try house.house.slapd.add(
        Slapd.account("sasl", ["userPassword: {SASL}sasl", "drawbridgePassword: {SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g0"]))
      #expect(try house.report()["slapd.pass-through"]?.what.hasPrefix("1 passwords pass through") == true)
    }
  }

  @Test("names deactivated accounts that have no lock where ppolicy is loaded; the LDIF sets it")
  func locks() async throws {
    try await DoctorHouse.with { house in
      let person = house.people[0]
      try house.house.slapd.modify(
        person, "add: drawbridgeDeactivatedTime\ndrawbridgeDeactivatedTime: 20260101000000Z")
      let finding = try #require(try house.report()["accounts.locks"])
      #expect(finding.result == "warning" && finding.what.hasPrefix("1 deactivated"))
      try house.modify((finding.mend ?? "").replacingOccurrences(of: "<each of them>", with: person.dn))
      #expect(try house.report()["accounts.locks"]?.result == "good")
    }
  }

  @Test("names a mail server that is gone, and sends none a message")
  func mail() async throws {
    try await DoctorHouse.with { house in
      let before = house.house.mail.messages().count
      #expect(try house.report()["mail.server"]?.result == "good")
      #expect(house.house.mail.messages().count == before)
      house.house.mail.end()
      let report = try house.report()
      #expect(report["mail.server"]?.result == "bad" && report.status == 2)
    }
  }

  @Test("names a refusal floor below the cost of a hash; knows when forgot-password asks for a mailed code")
  func settings() async throws {
    let settings = """
      [forgot]
      mail-code = true
      [password]
      memory-kib = 65536
      passes = 3
      [limits]
      refusal-floor = "1ms"
      """
    try await DoctorHouse.with(settings: settings) { house in
      let report = try house.report()
      let floor = try #require(report["settings.refusal-floor"])
      #expect(floor.result == "warning" && floor.mend?.hasPrefix("limits.refusal-floor = \"") == true)
      #expect(report["settings.forgot-mail-code"]?.result == "good")
      #expect(report["passwords.cost"]?.result == "warning")
    }
  }

  @Test(
    "names files that others read or write",
    arguments: [
      ("keys", 0o644, "files.key-ring"), ("drawbridged.toml", 0o666, "files.configuration"),
      ("admin.sock", 0o666, "files.socket"), ("", 0o777, "files.folder"),
      ("drawbridged.toml", 0o666, "files.configuration-folder"),
      ("other", 0o666, "files.configuration-folder"), ("password", 0o644, "files.password"),
    ])
  func files(name: String, mode: Int, check: String) async throws {
    try await DoctorHouse.with { house in
      let folder = house.house.daemon.directory
      let path = name.isEmpty ? folder : name == "password" ? house.passwordFile : "\(folder)/\(name)"
      if name == "other" { try Data().write(to: URL(fileURLWithPath: path)) }
      #expect(try house.report()[check].map { $0.result == "good" } ?? true)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      let finding = try #require(try house.report()[check])
      #expect(finding.result == "bad" && finding.what.contains(path))
    }
  }

  @Test("names clocks that are apart, by cn=Monitor")
  func monitor() async throws {
    let options = DoctorHouse.options {
      $0.extraDatabaseLines = ["database monitor", "access to * by dn.exact=\"\(Slapd.daemon)\" read"]
    }
    try await DoctorHouse.with(options, hasOwnClock: true) { house in
      #expect(try house.report()["directory.clock"]?.result == "good")
      try house.house.daemon.moveClock(by: 3600)
      let apart = try #require(try house.report()["directory.clock"])
      #expect(apart.result == "warning" && !apart.what.contains("last sweep"), "\(apart)")
    }
  }

  @Test("names clocks that are apart, by what the last sweep wrote")
  func clock() async throws {
    try await DoctorHouse.with(hasOwnClock: true) { house in
      #expect(try house.report()["directory.clock"]?.result == "good")
      for (hours, result) in [(1, "warning"), (48, "bad")] {
        try house.house.daemon.moveClock(by: hours * 3600)
        try house.house.slapd.modify(
          "dn: cn=drawbridge,\(Slapd.suffix)\nchangetype: modify\nreplace: drawbridgeLastSweep\n"
            + "drawbridgeLastSweep: \(Self.generalizedTime(house.house.daemon.time))\n\n")
        let finding = try #require(try house.report()["directory.clock"])
        #expect(finding.result == result && finding.what.contains("at the last sweep"), "\(finding)")
      }
    }
  }

  private static func generalizedTime(_ seconds: Int) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "yyyyMMddHHmmss'Z'"
    return format.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
  }
}
