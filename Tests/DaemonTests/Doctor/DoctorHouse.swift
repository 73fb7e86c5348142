import Fixtures
import Foundation

/// A house in good order, on a slapd with `cn=config` whose administrator is whoever runs the tests; the daemon binds by
/// a name and a password, so that the two are told apart.
struct DoctorHouse {
  let house: House
  let people: [Person]
  /// With which the daemon binds.
  let passwordFile: String

  struct Finding: Decodable, Equatable {
    let check: String
    let result: String
    let what: String
    var why: String?
    var mend: String?
  }

  struct Report {
    let status: Int32
    let findings: [Finding]
    let errors: String

    subscript(check: String) -> Finding? { findings.first { $0.check == check } }
    func results(_ check: String) -> [String] { findings.filter { $0.check == check }.map(\.result) }
    /// What is not good, for messages of tests.
    var complaints: [Finding] { findings.filter { $0.result != "good" } }
  }

  static func options(_ change: (inout Slapd.Options) -> Void = { _ in }) -> Slapd.Options {
    var options = Slapd.Options()
    options.form = .config
    options.ppolicy = true
    options.leavesOut = ["identity"]
    change(&options)
    return options
  }

  /// Hashes as cheap as those of the fixtures, and a floor that they stay under.
  static let settings = """
    [password]
    memory-kib = 64
    passes = 1
    [limits]
    refusal-floor = "5s"
    """

  static func with<Value>(
    _ options: Slapd.Options = options(), settings: String = settings, hasOwnClock: Bool = false, uri: String? = nil,
    hasPeople: Bool = true, _ body: (DoctorHouse) async throws -> Value
  ) async throws -> Value {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("daemon-secret".utf8).write(to: URL(fileURLWithPath: "\(folder)/password"))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/password")
    let bind = """
      bind = "simple"
      bind-dn = "\(Slapd.daemon)"
      bind-password-file = "\(folder)/password"
      """
    return try await House.with(
      options, uri: uri, settings: settings, hasOwnClock: hasOwnClock, directorySettings: bind
    ) { house in
      let people = hasPeople ? try house.people("jdoe", "jroe") : []
      return try await body(DoctorHouse(house: house, people: people, passwordFile: "\(folder)/password"))
    }
  }

  func doctor(_ arguments: [String] = []) throws -> Command.Result {
    try Command.run(
      Daemon.binary("drawbridge"),
      ["doctor", "--socket", house.daemon.admin, "--slapd-config", configurationPath] + arguments)
  }

  private var configurationPath: String {
    let folder = "\(house.slapd.directory)/slapd.d"
    return FileManager.default.fileExists(atPath: folder) ? folder : "\(house.slapd.directory)/slapd.conf"
  }

  func report(_ arguments: [String] = []) throws -> Report {
    let run = try doctor(["--json"] + arguments)
    let findings = try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(Finding.self, from: Data($0.utf8))
    }
    return Report(status: run.status, findings: findings, errors: run.errors)
  }

  /// A change of `cn=config` by slapd's administrator, as the doctor's mends are.
  func configure(_ ldif: String) throws {
    let result = try Command.run("ldapmodify", ["-Q", "-Y", "EXTERNAL", "-H", house.slapd.uri], input: ldif + "\n")
    guard result.status == 0 else { throw FixtureError("ldapmodify: \(result.errors)") }
  }

  func modify(_ ldif: String) throws { try house.slapd.modify(ldif + "\n") }
}
