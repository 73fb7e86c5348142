import Secrets

@testable import SignIn

/// John Doe's account, by what its entry holds.
enum Sample {
  static let secret = Secret(bytes("12345678901234567890"))
  static let invited = Account.sample()
  static let active = Account.sample().with {
    $0.hash = .plain("Str0ng-Enough")
    $0.sealedSecret = bytes("12345678901234567890")
    $0.lastStep = 1
  }
  static let lacksAuthenticator = active.with { ($0.sealedSecret, $0.lastStep) = (nil, nil) }
  static let lacksPassword = active.with { $0.hash = nil }
}

extension RecoveryCodes {
  /// `code 1` and so on, stored as `stored code 1`.
  static func sample(_ count: Int) -> RecoveryCodes {
    let codes = (0..<count).map { bytes("code \($0 + 1)") }
    return RecoveryCodes(shown: codes.map { Secret($0) }, stored: codes.map { bytes("stored ") + $0 })
  }
}

extension Account {
  static func sample(_ number: Int = 1) -> Account {
    var account = Account(id: EntryUUID("entry-\(number)"), dn: "uid=jdoe\(number),ou=people,dc=example,dc=org")
    account.uid = "jdoe\(number)"
    account.mail = "john.doe\(number)@example.org"
    return account
  }

  func with(_ change: (inout Account) -> Void) -> Account {
    var copy = self
    change(&copy)
    return copy
  }
}

extension PasswordHash {
  /// A hash in name only, that a test can read.
  static func plain(_ password: String) -> PasswordHash { PasswordHash(stored: bytes("{PLAIN}" + password)) }
}
