import Foundation
import Testing

@testable import Configuration

@Suite struct ConfigurationErrorTests {
  private func problems(_ text: String, _ environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationError) {
      _ = try Configuration.parse(text, file: "d.toml", environment: environment)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test(arguments: [
    ("[directory]\nbsae = \"x\"", "d.toml:2:1: directory.bsae: no such setting; the nearest is directory.base"),
    ("totp.widow-back = 1", "d.toml:1:1: totp.widow-back: no such setting; the nearest is totp.window-back"),
    (
      "[[listen]]\npath = \"/x\"\n  rolle = \"admin\"",
      "d.toml:3:3: listen.rolle: no such setting; the nearest is listen.role"
    ),
    ("[cod]\nlifetime = \"5m\"", "d.toml:2:1: cod.lifetime: no such setting; the nearest is code.lifetime"),
    (
      "[totp]\nwindow-back = 2", "d.toml:2:1: totp.window-back: found 2; accepted is an integer of 0 to 1"
    ),
    (
      "[inactivity]\nlimit = \"47h\"",
      "d.toml:2:1: inactivity.limit: found \"47h\"; accepted is a duration of 2d to 10000d, such as \"90s\""
    ),
    ("[keys]\nring = \"keys\"", "d.toml:2:1: keys.ring: found \"keys\"; accepted is an absolute path"),
    (
      "[directory]\nbind = \"gssapi\"",
      "d.toml:2:1: directory.bind: found \"gssapi\"; accepted is one of \"external\", \"simple\""
    ),
    ("[totp]\nwindow-back = \"1\"", "d.toml:2:1: totp.window-back: found \"1\"; accepted is an integer of 0 to 1"),
    ("[code]\nlifetime = 07:32:00", "d.toml:2:1: code.lifetime: found a time; accepted is"),
    ("[log]\n\n\n level = \"loud\"", "d.toml:4:2: log.level: found \"loud\""),
    (
      "[directory]\nlogin-attributes = [\n  \"mail\", # the first\n  \"ui d\"\n]\nrdn = 3",
      "d.toml:2:1: directory.login-attributes: found [\"mail\", \"ui d\"]"
    ),
    ("directory = { base = \"nonsense\" }", "d.toml:1:1: directory.base: found \"nonsense\""),
    ("[texts]\ncontact = \"a\\nb\"", "d.toml:2:1: texts.contact: found \"a\u{FFFD}b\""),
    ("[[listen]]\nrole = \"admin\"", "d.toml:1:1: listen.path: must be set"),
    ("listen = 1", "d.toml:1:1: listen: no such setting"),
    ("[directory]\nbase = ", "d.toml:2:8: no TOML: "),
  ])
  func anErrorSaysWhereWhatAndWhatElse(text: String, expected: String) {
    let found = problems(text)
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test func allErrorsAreTold() {
    let found = problems("[totp]\nwindow-back = 7\n[code]\nper-hour = 0\nnonsense = true\n")
    #expect(found.count == 5, "\(found)")  // three here, and neither a base nor a sender
    #expect(found.prefix(3).map { $0.prefix(8) } == ["d.toml:2", "d.toml:4", "d.toml:5"])
  }

  @Test func aPasswordInThePlaceOfItsFileIsNotShown() {
    let found =
      problems(minimal + "[directory.bind]\n" + "password = \"hunter2\"\n")
      + problems(
        minimal + "password-file = \"hunter2\"\npassword = \"hunter2\"\n")
    #expect(found.count >= 2 && !found.contains { $0.contains("hunter2") }, "\(found)")
  }

  @Test(arguments: [
    ("directory.bind = \"simple\"", "\"simple\" needs bind-dn"),
    ("directory.bind = \"simple\"", "needs bind-password-file"),
    ("directory.uris = [\"ldap://ldap.example.com\"]", "\"external\" works with"),
    (
      """
      directory.uris = ["ldap://ldap.example.com"]
      directory.bind = "simple"
      directory.bind-dn = "cn=d,dc=example,dc=com"
      directory.bind-password-file = "/p"
      """, "would travel in clear"
    ),
    ("directory.start-tls = true", "goes with \"ldap://\" alone"),
    ("mail.user = \"u\"", "needs mail.password-file"),
    ("mail.password-file = \"/p\"", "needs mail.user"),
    (
      "mail.server = \"smtp://mx.example.com\"\nmail.start-tls = \"opportunistic\"\nmail.user = \"u\"",
      "could travel in clear"
    ),
    ("mail.product = \"A: B\"", "set totp.issuer"),
    ("password.lanes = 2\npassword.memory-kib = 8", "each lane needs 8 KiB"),
    ("code.per-day = 1", "less in a day than in an hour"),
    ("code.per-hour = 31", "code.per-hour: found 31; accepted is an integer of 1 to 30"),
    ("code.per-day = 31", "code.per-day: found 31; accepted is an integer of 1 to 30"),
    ("listen = [{ path = \"/a\" }, { path = \"/a\" }]", "two have the same path"),
    ("listen = [{ path = \"/a\", role = \"admin\", mode = \"0666\" }]", "not for everybody"),
    ("listen = [{ path = \"/a\", role = \"saslauthd\", mode = \"0666\" }]", "a door is not for everybody"),
    ("listen = [{ path = \"/a\", role = \"dovecot\", concurrent = 0 }]", "listen.concurrent: found 0"),
  ])
  func whatDoesNotGoTogetherIsRefused(line: String, expected: String) {
    let found = problems("directory.base = \"dc=example,dc=com\"\nmail.from = \"a@b\"\n" + line)
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }

  @Test(arguments: [
    (
      "DRAWBRIDGE_DIRECTORY_BSAE", "x",
      "environment: DRAWBRIDGE_DIRECTORY_BSAE: no such variable; the nearest is DRAWBRIDGE_DIRECTORY_BASE"
    ),
    ("DRAWBRIDGE_LOG_LEVEL", "loud", "environment: DRAWBRIDGE_LOG_LEVEL: found \"loud\"; accepted is"),
    (
      "DRAWBRIDGE_MAIL_PASSWORD_FILE", "hunter2",
      "environment: DRAWBRIDGE_MAIL_PASSWORD_FILE: found something else (not shown)"
    ),
    ("DRAWBRIDGE_CODE_PER_DAY", "1", "environment: DRAWBRIDGE_CODE_PER_DAY: less in a day"),
    ("DRAWBRIDGE_CODE_PER_HOUR", "９", "environment: DRAWBRIDGE_CODE_PER_HOUR: found"),
  ])
  func aWrongVariableIsRefusedByName(name: String, value: String, expected: String) {
    let found = problems(minimal, [name: value])
    #expect(found.count == 1 && found.first?.hasPrefix(expected) == true, "\(found)")
  }

  @Test(arguments: [
    "\u{0}", "[log]\nlevel = \"in\\u0000fo\"", "[log", "= 3", "\"", "[[", "a.'", "a = [1,", "\u{FEFF}", "\\",
  ])
  func noTextIsTooOdd(text: String) {
    #expect(!problems(text).isEmpty)
    _ = Positions(text)
  }
}
