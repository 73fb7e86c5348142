internal import Directory
internal import SignIn
internal import Wire

extension Administration {
  /// Takes back one deactivation, as a sweep's record tells of it. Nobody is mailed: nobody was when it was made.
  func undo(_ id: [UInt8], deactivated: [UInt8]) async throws(DirectoryError) -> Done {
    let isID = id.count == 36 && id.allSatisfy { ASCII.isHexadecimal($0) || $0 == UInt8(ascii: "-") }
    guard isID, let time = Timestamp(generalizedTime: deactivated) else {
      return Done(
        .err("bad-value", text: "An entryUUID and a GeneralizedTime are needed, as a sweep's record has them."))
    }
    let accounts = service.accounts
    guard let account = try await accounts.account(id: EntryUUID(String(decoding: id, as: UTF8.self))) else {
      return Done(.no("no-such-account", text: "No account has this entryUUID."))
    }
    guard account.deactivation?.since == time,
      try await accounts.apply(.undo(account, deactivated: time, at: service.now())) == .applied
    else {
      return Done(
        .no("changed", Self.names(of: account), text: "The account was changed since; it is left as it is."), account)
    }
    return Done(.ok("undone", Self.names(of: account)), account)
  }
}

private enum ASCII {
  static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }
}
