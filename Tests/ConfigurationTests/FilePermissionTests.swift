import Configuration
import Foundation
import Testing

@Suite("Files that are read at the start") struct FilePermissionTests {
  private static let minimal = """
    [directory]
    base = "dc=example,dc=com"
    [mail]
    from = "sso@example.com"

    """

  /// A configuration of this mode, and a file beside it that a line may name as `FILE`.
  private func load(
    mode: Int = 0o644, _ line: String = "", file: (content: String, mode: Int)? = nil
  ) throws -> ConfigurationError? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
    func make(_ name: String, _ content: String, _ mode: Int) throws {
      try Data(content.utf8).write(to: URL(filePath: path(name)))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }
    let text = Self.minimal.replacingOccurrences(
      of: "[mail]", with: line.replacingOccurrences(of: "FILE", with: path("file")) + "\n[mail]")
    try make("d.toml", text, mode)
    if let file { try make("file", file.content, file.mode) }
    do {
      _ = try Configuration.load(path: path("d.toml"), environment: [:])
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "a configuration that everybody may write is refused",
    arguments: [
      (0o644, true), (0o600, true), (0o640, true), (0o660, true), (0o666, false), (0o602, false), (0o646, false),
    ])
  func configuration(mode: Int, isGood: Bool) throws {
    let error = try load(mode: mode)
    #expect((error == nil) == isGood)
    #expect(isGood || error?.description.contains(": others may use it") == true)
  }

  private static let bind = "bind = \"simple\"\nbind-dn = \"cn=d,dc=example,dc=com\"\nbind-password-file = \"FILE\""

  @Test(
    "a bind password that others may read, or a group may write, is refused",
    arguments: [
      (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o604, false), (0o660, false), (0o620, false),
    ])
  func bindPassword(mode: Int, isGood: Bool) throws {
    let error = try load(Self.bind, file: ("secret\n", mode))
    #expect((error == nil) == isGood)
    #expect(isGood || error?.description.contains("/file: directory.bind-password-file: others may use it") == true)
  }

  @Test("a file of authorities that is not there is refused, and named with its setting")
  func authorities() throws {
    #expect(try load("ca-file = \"FILE\"", file: ("any\n", 0o644)) == nil)
    let missing = try load("ca-file = \"FILE\"")
    #expect(missing?.description.contains("/file: directory.ca-file: No such file or directory") == true)
  }
}
