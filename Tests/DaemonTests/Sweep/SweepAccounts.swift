import Fixtures
import Foundation

let daySeconds = 86_400

/// A time as the directory holds it, in whole seconds.
func generalizedTime(_ seconds: Int) -> String { formatted(seconds, "yyyyMMddHHmmss") + "Z" }

/// The same, cut to the day, as the clock of inactivity is.
func generalizedDay(_ seconds: Int) -> String { formatted(seconds, "yyyyMMdd") + "000000Z" }

private func formatted(_ seconds: Int, _ format: String) -> String {
  let formatter = DateFormatter()
  formatter.locale = Locale(identifier: "en_US_POSIX")
  formatter.timeZone = TimeZone(identifier: "UTC")
  formatter.dateFormat = format
  return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
}

/// The attributes of an account that was last used then.
func lastUsed(_ seconds: Int) -> [String] {
  [
    "userPassword: {SSHA}x", "drawbridgeIdleSince: \(generalizedDay(seconds))",
    "drawbridgeLastSignIn: \(generalizedTime(seconds))",
  ]
}

extension Slapd {
  /// Accounts `name0`, `name1` and so on.
  func add(_ count: Int, _ name: String, _ lines: [String]) throws {
    try add((0..<count).map { Slapd.account("\(name)\($0)", lines) }.joined())
  }

  func count(_ filter: String) throws -> Int {
    let arguments = ["-x", "-LLL", "-H", uri, "-D", Slapd.root, "-w", Slapd.rootPassword, "-b", Slapd.suffix]
    let result = try Command.run("ldapsearch", arguments + [filter, "1.1"])
    guard result.status == 0 else { throw FixtureError("ldapsearch: \(result.errors)") }
    return result.output.components(separatedBy: "\ndn:").count - (result.output.hasPrefix("dn:") ? 0 : 1)
  }

  func deactivated() throws -> Int { try count("(drawbridgeDeactivatedTime=*)") }

  /// What a sweep may change of an account, and nothing that moves by itself.
  func standing(_ uid: String) throws -> [String: String?] {
    let entry = try entry(Slapd.dn(uid)) ?? [:]
    let names = [
      "drawbridgeIdleSince", "drawbridgeDeactivatedTime", "drawbridgeDeactivatedReason", "drawbridgeWarnedTime",
      "drawbridgeWarningClaimed", "drawbridgeLockSet", "pwdAccountLockedTime",
    ]
    return Dictionary(uniqueKeysWithValues: names.map { ($0, entry.string($0)) })
  }

  func setShared(_ attribute: String, _ value: String) throws {
    try modify(
      "dn: cn=drawbridge,\(Slapd.suffix)\nchangetype: modify\nreplace: \(attribute)\n\(attribute): \(value)\n\n")
  }

  func shared(_ attribute: String) throws -> String? {
    try entry("cn=drawbridge,\(Slapd.suffix)")?.string(attribute)
  }
}

extension Daemon {
  /// The records of sweeps, oldest first.
  var records: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/sweeps")) ?? []
    return names.filter { $0.hasSuffix(".ldif") }.sorted().map { "\(directory)/sweeps/\($0)" }
  }

  func drawbridge(_ arguments: String..., within seconds: TimeInterval = 600) throws -> Command.Result {
    try Command.run(Daemon.binary("drawbridge"), arguments + ["--socket", admin], within: seconds)
  }
}

/// The value of a field of a reply or an item.
func field(_ name: String, of line: String) -> String? {
  line.split(separator: " ").first { $0.hasPrefix("\(name)=") }.flatMap {
    $0.dropFirst(name.count + 1).removingPercentEncoding
  }
}

func number(_ name: String, of line: String) -> Int? { field(name, of: line).flatMap { Int($0) } }

/// Which account an item is about, and what was done.
func acts(_ items: [String]) -> [String: String] {
  items.reduce(into: [:]) { acts, item in
    let dn = field("dn", of: item) ?? ""
    acts[String(dn.dropFirst(4).prefix { $0 != "," })] = field("action", of: item)
  }
}

let unpaced = "[inactivity]\nchanges-per-second = 0\n"
