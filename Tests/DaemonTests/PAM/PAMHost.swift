import Fixtures
import Foundation

/// A host whose users come from elsewhere than `/etc/passwd`, and whose applications ask the module. Its files lie in a
/// folder, and over those of this host in a mount namespace of each command's own.
final class PAMHost {
  /// It takes root, and a kernel that lets root have mount namespaces.
  static let isPossible = geteuid() == 0 && (try? Command.run("unshare", ["--mount", "true"]).status) == 0
  static let built = "\(repository)/.build/pam"

  let folder: String
  let socket: String

  /// - Parameter users: names; their uids count from 20,001.
  init(socket: String, users: [String]) throws {
    _ = try Self.isBuilt.get()
    folder = try temporaryDirectory()
    self.socket = socket
    let files = FileManager.default
    for name in ["extrausers", "home"] {
      try files.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
    }
    try files.copyItem(atPath: "/etc/pam.d", toPath: "\(folder)/pam.d")
    try write("nsswitch.conf", "passwd: files extrausers\ngroup: files\nshadow: files\nhosts: files\n")
    try write("extrausers/passwd", "")
    for (number, user) in users.enumerated() { try addUser(user, uid: 20_001 + number) }
    guard chmod(folder, 0o755) == 0 else { throw FixtureError("\(folder): \(errno)") }
  }

  private static let isBuilt = Result {
    let made = try Command.run("make", ["-s", "-C", repository, "pam-tests"], within: 300)
    guard made.status == 0 else { throw FixtureError("make pam-tests: \(made.output) \(made.errors)") }
  }

  func end() { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8)
  }

  func addUser(_ name: String, uid: Int) throws {
    let home = "\(folder)/home/\(name)"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    guard chown(home, UInt32(uid), 100) == 0 else { throw FixtureError("\(home): \(errno)") }
    let passwd = try String(contentsOfFile: "\(folder)/extrausers/passwd", encoding: .utf8)
    try write("extrausers/passwd", passwd + "\(name):*:\(uid):100::\(home):/bin/sh\n")
  }

  // MARK: Stacks

  func module(_ options: String = "", sanitized: Bool = false) -> String {
    "\(Self.built)/\(sanitized ? "sanitized/" : "")pam_drawbridge.so socket=\(socket) \(options)"
  }

  /// A stack in which nothing but the module decides, and which would let everybody in that the module does not refuse.
  func alone(_ options: String = "", sanitized: Bool = false, before: String = "") throws {
    let module = module(options, sanitized: sanitized)
    let kinds = ["auth", "account", "password"].map {
      "\($0) required \(module)\n\($0) optional pam_permit.so\n"
    }
    try write("pam.d/drawbridge-test", before + kinds.joined() + "session required \(module)\n")
  }

  // MARK: Commands

  private static let enter = """
    set -e
    mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
    mount --bind "$1/extrausers" /var/lib/extrausers
    mount --bind "$1/pam.d" /etc/pam.d
    for file in sudoers shadow; do
      if [ -e "$1/$file" ]; then mount --bind "$1/$file" /etc/$file; fi
    done
    shift
    exec "$@"
    """

  /// The command line by which a command runs on this host.
  func inside(_ command: [String]) -> [String] {
    ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", Self.enter, "sh", folder] + command
  }

  func run(_ command: [String], input: String = "", within seconds: TimeInterval = 60) throws -> Command.Result {
    try Command.run("env", inside(command), input: input, within: seconds)
  }

  /// What the application with the scripted conversation shows, a line each.
  func converse(
    _ user: String, _ answers: [String], calls: [String] = ["authenticate"], options: [String] = [],
    sanitized: Bool = false, under wrapper: [String] = []
  ) throws -> Conversation {
    let application = "\(Self.built)/\(sanitized ? "sanitized/" : "")converse"
    let command = wrapper + [application] + options + ["\(folder)/pam.d", "drawbridge-test", user] + calls
    let result = try run(command, input: answers.map { $0 + "\n" }.joined(), within: 120)
    return Conversation(
      lines: result.output.split(separator: "\n").map(String.init), errors: result.errors, status: result.status)
  }

  struct Conversation {
    let lines: [String]
    let errors: String
    let status: Int32

    /// The code of the first call of that name; nil where it was not made.
    func code(_ call: String = "authenticate") -> Int? {
      lines.first { $0.hasPrefix("\(call): ") }.flatMap { Int($0.split(separator: " ")[1]) }
    }
  }
}

/// Linux-PAM's numbers, `_pam_types.h`.
enum PAMCode {
  static let success = 0
  static let authenticationError = 7
  static let unavailable = 9
  static let unknownUser = 10
  static let tooManyTries = 11
  static let expiredAccount = 13
}
