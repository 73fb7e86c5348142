import Fixtures
import Foundation
import Logging
import Secrets
import SignIn

@testable import Directory

/// A day, so that tests need no clock.
let today = Timestamp(seconds: 1_795_507_200)

let quiet = Logger(label: "directory") { _ in SwiftLogNoOpLogHandler() }

/// The accounts of a slapd, as the daemon sees them.
func openDirectory(
  _ servers: [Server], operationsMax: Int = 64, loginAttributes: [Attribute] = ["mail", "uid"],
  totalSeconds: Double = 10, observer: (any DirectoryObserver)? = nil
) throws -> AccountDirectory {
  try AccountDirectory(
    servers,
    settings: .init(
      base: Slapd.suffix, people: Slapd.people, loginAttributes: loginAttributes, operationsMax: operationsMax,
      totalSeconds: totalSeconds, sharedEntry: "cn=drawbridge,\(Slapd.suffix)"),
    keys: KeyRing(parsing: KeyRing.generate(SystemRandom.bytes)), random: SystemRandom.bytes, now: { today },
    logger: quiet, observer: observer)
}

func openDirectory(_ slapd: Slapd, operationsMax: Int = 64) throws -> AccountDirectory {
  try openDirectory([Server(uri: slapd.uri, identity: .external)], operationsMax: operationsMax)
}

extension AccountDirectory {
  func account(_ login: String) async throws -> Account? { try await account(login: Array(login.utf8)) }

  /// An account as its entry says, with nothing settled on the way.
  func unsettled(_ uid: String) async throws -> Account {
    let traits = try await servers.connection().traits
    let entries = try await search(base: Slapd.dn(uid), scope: .base, filter: .isAccount, sizeLimit: 1)
    guard let account = entries.first.flatMap({ Account($0, traits) }) else {
      throw FixtureError("\(uid) cannot be read")
    }
    return account
  }
}

extension Slapd {
  /// Runs a body on the accounts of a slapd of its own.
  static func withAccounts<Value>(
    _ options: Options = .init(), operationsMax: Int = 64, _ body: (Slapd, AccountDirectory) async throws -> Value
  ) async throws -> Value {
    try await with(options) { slapd in
      let directory = try openDirectory(slapd, operationsMax: operationsMax)
      do {
        let value = try await body(slapd, directory)
        await directory.close()
        return value
      } catch {
        await directory.close()
        throw error
      }
    }
  }
}
