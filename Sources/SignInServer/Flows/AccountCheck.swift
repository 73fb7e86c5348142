internal import SignIn
internal import Wire

extension SignInService {
  /// `ACCOUNT`: whether somebody whom another means has authenticated may use a service.
  func check(_ login: [UInt8], for service: [UInt8], asked peer: Peer) async -> Reply {
    do throws(Later) {
      guard let account = try await account(of: login) else { return answer(.no("denied"), "denied", service, peer) }
      let isAdmitted = try await admits(account, to: service)
      switch account.standing {
      case .active, .lacksAuthenticator, .lacksPassword:
        guard isAdmitted else { return answer(.no("denied"), "not-a-member", service, peer, account) }
        return answer(.ok("active", Self.names(of: account)), "active", service, peer, account)
      case .deactivated:
        let told = reply(to: .deactivated(account), login: login, in: texts.standard)
        return answer(told, "deactivated", service, peer, account)
      case .invited, .locked: return answer(.no("denied"), "denied", service, peer, account)
      }
    } catch {
      return reply(to: error)
    }
  }

  private func answer(
    _ reply: Reply, _ result: String, _ service: [UInt8], _ peer: Peer, _ account: Account? = nil
  ) -> Reply {
    audit(
      AuditEvent(
        kind: .flow, name: "account", result: result, account: account?.id, peer: peer, facts: [("service", service)]))
    return reply
  }
}
