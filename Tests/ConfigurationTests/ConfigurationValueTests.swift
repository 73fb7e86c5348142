import Foundation
import Testing

@testable import Configuration

@Suite struct ConfigurationValueTests {
  @Test func theEnvironmentGoesBeforeTheFile() throws {
    let environment = [
      "DRAWBRIDGE_DIRECTORY_BASE": "o=Other", "DRAWBRIDGE_DIRECTORY_LOGIN_ATTRIBUTES": "mail, uid",
      "DRAWBRIDGE_LIMITS_TRUSTED_UIDS": "33,1000", "DRAWBRIDGE_TOTP_WINDOW_FORWARD": "1",
      "DRAWBRIDGE_INACTIVITY_SWEEP_EVERY": "off", "DRAWBRIDGE_FORGOT_MAIL_CODE": "true",
      "DRAWBRIDGE_SOCKET": "/run/x", "DRAWBRIDGE_ADMIN_SOCKET": "/run/y", "PATH": "/bin",
    ]
    let configuration = try Configuration.parse(minimal, file: "d.toml", environment: environment)
    #expect(configuration.directory.base == "o=Other")
    #expect(configuration.directory.people == "o=Other")
    #expect(configuration.directory.loginAttributes == ["mail", "uid"])
    #expect(configuration.limits.trustedUIDs == [33, 1000])
    #expect(configuration.totp.windowForward == 1)
    #expect(configuration.inactivity.sweepEvery == nil)
    #expect(configuration.forgot.mailCode)
  }

  @Test func listenersReplaceTheDefaultOnes() throws {
    let text =
      minimal + """
        [[listen]]
        path = "/run/a"
        role = "admin"
        mode = "0660"
        group = "staff"
        [[listen]]
        path = "/run/b"
        """
    let configuration = try Configuration.parse(text, file: "d.toml", environment: [:])
    #expect(
      configuration.listen == [
        Listener(path: "/run/a", role: .admin, mode: 0o660, group: "staff"),
        Listener(path: "/run/b", role: .signin, mode: 0o666),
      ])
  }

  @Test(arguments: [107, 108])
  func aSocketPathFitsIntoItsAddress(bytes: Int) {
    let text = minimal + "[[listen]]\npath = \"/\(String(repeating: "a", count: bytes - 1))\"\n"
    #expect((try? Configuration.parse(text, file: "d.toml", environment: [:])) == nil ? bytes > 107 : bytes <= 107)
  }

  @Test func mailCanBeOff() throws {
    let text = "directory.base = \"dc=x\"\nmail.server = \"off\"\n"
    let configuration = try Configuration.parse(text, file: "d.toml", environment: [:])
    #expect(configuration.mail.server == nil && configuration.mail.from == nil)
  }

  @Test(arguments: [
    ("smtp://mx.example.com", MailSettings.StartTLS.required, "smtp://mx.example.com:25"),
    ("smtps://mx.example.com", .required, "smtps://mx.example.com:465"),
    ("smtps://localhost:1465", .required, "smtps://localhost:1465"),
    ("smtp://127.0.0.1:2525", .never, "smtp://127.0.0.1:2525"), ("smtp://[::1]:26", .never, "smtp://[::1]:26"),
  ])
  func onlyThisHostIsSpokenToInClear(url: String, expected: MailSettings.StartTLS, normal: String) throws {
    let configuration = try Configuration.parse(
      minimal, file: "d.toml", environment: ["DRAWBRIDGE_MAIL_SERVER": url])
    #expect(configuration.mail.startTLS == expected)
    #expect(configuration.mail.server?.description == normal)
  }

  @Test(arguments: [
    "", "mx", "http://mx", "smtp://", "smtp://mx:", "smtp://mx:0", "smtp://mx:65536", "smtp://mx:25/x", "smtp://u:p@mx",
    "smtp://mx:+25", "smtp://[::1", "smtp://[mx]", "smtp://[::1]25", "smtp://mx\r\n", "smtp://m x", "smtp://mx?x",
  ])
  func aMailServerIsAHostAndAPort(url: String) {
    #expect(MailServer(url) == nil)
  }

  @Test(arguments: [
    ("0s", 0), ("250ms", 250), ("10s", 10_000), ("5m", 300_000), ("24h", 86_400_000), ("365d", 31_536_000_000),
    ("10000d", 864_000_000_000),
  ])
  func durationsHaveAUnit(text: String, milliseconds: Int64) {
    #expect(TimeSpan(text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "s", "10", "10 s", "-1s", "+1s", "1.5h", "10S", "1w", "10001d", "99999999999999999999s", "999999999999999999d",
    "١s", "1s\0", "ms", "1h30m",
  ])
  func anythingElseIsNoDuration(text: String) {
    #expect(TimeSpan(text) == nil)
  }

  @Test(arguments: [
    ("dc=example,dc=com", true), ("ou=People,o=A\\, B", true), ("uid=a+cn=b,c=BE", true), ("2.5.4.11=x", true),
    ("o=Société", true), ("", false), ("example", false), ("dc=", false), ("=x", false), ("dc=a,", false),
    ("dc=a,b", false), ("dc=a\\", false), ("1=x", false), ("dc=a\n", false),
  ])
  func aDistinguishedNameHasAttributesAndValues(text: String, isOne: Bool) {
    #expect(Syntax.isDistinguishedName(text) == isOne)
  }

  @Test(arguments: [
    ("ldapi:///", true), ("ldapi://%2frun%2fslapd%2fldapi", true), ("ldap://a", true), ("ldaps://a:636/", true),
    ("ldap://[::1]:389", true), ("ldap://", false), ("ldap://a/dc=x", false), ("ldap://a??sub", false),
    ("http://a", false), ("ldap://a b", false), ("ldap://u@h", false),
  ])
  func aDirectoryURIIsASchemeAndAServer(text: String, isOne: Bool) {
    #expect(Syntax.isDirectoryURI(text) == isOne)
  }

  @Test func credentialsOfTheServiceStandInForFilesThatAreNotNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID())").path(
      percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["keys", "bind-password", "mail-password"] {
      let made = FileManager.default.createFile(
        atPath: "\(folder)/\(name)", contents: Data("secret\n".utf8), attributes: [.posixPermissions: 0o400])
      #expect(made)
    }
    let configuration = try Configuration.parse(
      minimal, file: "d.toml",
      environment: [
        "CREDENTIALS_DIRECTORY": folder, "DRAWBRIDGE_MAIL_USER": "u", "DRAWBRIDGE_DIRECTORY_BIND": "simple",
        "DRAWBRIDGE_DIRECTORY_BIND_DN": "cn=d,dc=example,dc=com",
      ])
    #expect(configuration.keys.ring == "\(folder)/keys")
    #expect(try configuration.directory.bindPasswordFile?.bytes() == Array("secret".utf8))
    #expect(configuration.mail.passwordFile?.path == "\(folder)/mail-password")
  }

  @Test(arguments: [
    ("", 0o600, "empty"), ("\n", 0o600, "empty"), ("a\0b", 0o600, "NUL"),
    (String(repeating: "x", count: 2_000), 0o600, "longer"), ("secret", 0o644, "mode"),
    ("secret", 0o660, "mode"),
  ])
  func aPasswordFileHoldsAPassword(content: String, mode: Int, expected: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "password-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let password = folder.appending(path: "p").path(percentEncoded: false)
    let file = folder.appending(path: "d.toml").path(percentEncoded: false)
    let isMade = FileManager.default.createFile(
      atPath: password, contents: Data(content.utf8), attributes: [.posixPermissions: mode])
    #expect(isMade)
    try Data((minimal + "user = \"u\"\npassword-file = \"\(password)\"\n").utf8).write(to: URL(filePath: file))
    let error = #expect(throws: ConfigurationError.self) { try Configuration.load(path: file, environment: [:]) }
    #expect(error?.description.contains(expected) == true && error?.problems.first?.file == password)
    #expect(error?.description.contains("mail.password-file") == true)
  }

  @Test func aFileThatIsNotThereIsNamed() {
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration.load(path: "/nonexistent/d.toml", environment: [:])
    }
    #expect(error?.description == "/nonexistent/d.toml: No such file or directory")
  }
}
