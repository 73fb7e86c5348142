internal import Directory

/// Held by whoever may still use the connections of a directory; with the last of them they are closed.
final class DirectoryLease: Sendable {
  private let accounts: AccountDirectory

  init(_ accounts: AccountDirectory) { self.accounts = accounts }

  deinit {
    let accounts = accounts
    Task { await accounts.close() }
  }
}
