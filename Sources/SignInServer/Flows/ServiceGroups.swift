internal import Configuration
internal import Directory
internal import SignIn

/// Who may use which relying application: those of `[[service]]` that name a `group` are for its members alone.
struct ServiceGroups: Sendable {
  private let groups: [[UInt8]: String]

  init(_ services: [ServiceTable]) {
    groups = services.reduce(into: [:]) { groups, service in groups[Array(service.name.utf8)] = service.group }
  }

  /// - Parameter service: what the client said as `service=`; where it said nothing, and where no table has that name,
  ///   everybody is admitted.
  /// - Throws: where the group cannot be read, which admits nobody.
  func admit(
    _ account: Account, to service: [UInt8]?, in accounts: AccountDirectory
  ) async throws(DirectoryError) -> Bool {
    guard let service, let group = groups[service] else { return true }
    return try await accounts.isMember(account, of: group, setting: "service.group")
  }
}

extension SignInService {
  /// Whom a login means now.
  func account(of login: [UInt8]) async throws(Later) -> Account? {
    do throws(DirectoryError) { return try await accounts.account(login: login) } catch { throw later(error) }
  }

  func admits(_ account: Account, to name: [UInt8]?) async throws(Later) -> Bool {
    do throws(DirectoryError) { return try await serviceGroups.admit(account, to: name, in: accounts) } catch {
      throw later(error)
    }
  }
}

extension Change {
  /// Whether both factors are proven once it is applied.
  var signsIn: Bool {
    switch self {
    case .signIn, .signInWithRecoveryCode, .firstLogin, .enrol: true
    default: false
    }
  }
}
