import Fixtures
import Foundation
import Testing

/// `schema/access` ahead of rules that give more, or less, than most organisations do.
@Suite("Access, whatever the organisation's own rules") struct SelfWriteTests {
  /// A slapd whose last rule is the organisation's.
  private func slapd(_ rule: String, ppolicy: Bool = false, lines: [String] = []) throws -> Slapd {
    var options = Slapd.Options()
    (options.ppolicy, options.extraDatabaseLines) = (ppolicy, lines)
    let slapd = try Slapd(options)
    let file = "\(slapd.directory)/slapd.conf"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = text.replacingOccurrences(of: "access to * by users read by anonymous auth", with: rule)
    guard changed != text else { throw FixtureError("the fixture has another last rule") }
    try changed.write(toFile: file, atomically: true, encoding: .utf8)
    try slapd.kill()
    try slapd.start()
    let plain = "dn: uid=plain,\(Slapd.people)\nobjectClass: inetOrgPerson\nuid: plain\ncn: plain\nsn: plain\n"
    try slapd.add(
      Slapd.account("jdoe", ["userPassword: right", "drawbridgeDeactivatedTime: 20200101000000Z"])
        + plain + "userPassword: right\n")
    return slapd
  }

  private func write(_ uid: String, _ lines: String, on slapd: Slapd) throws -> Int32 {
    try Command.run(
      "ldapmodify", ["-x", "-H", slapd.uri, "-D", Slapd.dn(uid), "-w", "right"],
      input: "dn: \(Slapd.dn(uid))\nchangetype: modify\n\(lines)\n"
    ).status
  }

  private static let selfWrite = "access to * by self write by users read by anonymous auth"
  private static let oid = "2.25.198566322572767956452722698043636487169.2.1"

  @Test(
    "who may write the own entry cannot leave the class, and the marker with it",
    arguments: [
      "delete: objectClass\nobjectClass: drawbridgeAccount\n-\nadd: objectClass\nobjectClass: extensibleObject",
      "delete: objectClass\nobjectClass: \(oid)\n-\nadd: objectClass\nobjectClass: extensibleObject",
      "replace: objectClass\nobjectClass: inetOrgPerson\nobjectClass: extensibleObject",
      "add: objectClass\nobjectClass: extensibleObject",
      "delete: drawbridgeDeactivatedTime",
    ])
  func keepsInside(change: String) throws {
    let slapd = try slapd(Self.selfWrite)
    defer { slapd.remove() }
    #expect(try write("jdoe", change, on: slapd) == 50)
    #expect(try write("jdoe", "replace: cn\ncn: John", on: slapd) == 0, "the organisation's rule still holds")
  }

  @Test(
    "who may write the own entry cannot make an account of it",
    arguments: [
      "add: objectClass\nobjectClass: drawbridgeAccount", "add: objectClass\nobjectClass: DRAWBRIDGEACCOUNT",
      "add: objectClass\nobjectClass: \(oid)",
      "replace: objectClass\nobjectClass: inetOrgPerson\nobjectClass: drawbridgeAccount",
      "add: objectClass\nobjectClass: extensibleObject\n-\nadd: drawbridgeExempt\ndrawbridgeExempt: TRUE",
    ])
  func keepsOutside(change: String) throws {
    let slapd = try slapd(Self.selfWrite)
    defer { slapd.remove() }
    #expect(try write("plain", change, on: slapd) == 50)
    #expect(try write("plain", "add: objectClass\nobjectClass: labeledURIObject", on: slapd) == 0)
  }

  @Test("who may write the own entry cannot lift the own lock, which would be a reactivation")
  func keepsLock() throws {
    let slapd = try slapd(Self.selfWrite, ppolicy: true)
    defer { slapd.remove() }
    // Without `pwdLockout`, slapd lets the owner of a locked account bind.
    try slapd.modify("dn: cn=policy,\(Slapd.suffix)\nchangetype: modify\nreplace: pwdLockout\npwdLockout: FALSE\n")
    let lock = "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n"
    try slapd.modify("dn: \(Slapd.dn("jdoe"))\nchangetype: modify\n\(lock)")
    #expect(try write("jdoe", "replace: pwdAccountLockedTime", on: slapd) == 50)
    #expect(try write("jdoe", "replace: pwdReset", on: slapd) == 50)
  }

  @Test("where the organisation lets nobody read, the daemon reads what it decides by, and no more")
  func readsEnough() throws {
    let slapd = try slapd("access to * by anonymous auth by * none", lines: ["lastbind on"])
    defer { slapd.remove() }
    _ = try Command.run("ldapwhoami", ["-x", "-H", slapd.uri, "-D", Slapd.dn("jdoe"), "-w", "right"])
    let seen = try Command.run(
      "ldapsearch",
      ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri, "-LLL", "-b", Slapd.suffix, "(uid=jdoe)", "*", "+"]
    ).output
    for name in ["entryUUID", "createTimestamp", "mail", "uid", "objectClass", "userPassword", "pwdLastSuccess"] {
      #expect(seen.contains("\n\(name):"), "\(name)")
    }
    #expect(!seen.contains("\nsn:") && !seen.contains("\ncn:"))
    let group = try Command.run(
      "ldapsearch", ["-Q", "-Y", "EXTERNAL", "-H", slapd.uri, "-LLL", "-b", Slapd.admins, "-s", "base"]
    ).output
    #expect(group.contains("\nmember:") && !group.contains("\ncn:"), "\(group)")
  }
}
