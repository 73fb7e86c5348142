internal import Configuration
internal import Directory
internal import Dispatch
internal import Glibc
internal import Mail
internal import Secrets
internal import SignIn
internal import Wire

/// `CHECK`: what is wrong with the house, as far as the daemon sees it. It changes nothing and mails nothing.
struct Checkup: Sendable {
  let service: SignInService
  let configuration: Configuration
  /// Of the configuration.
  let file: String
  /// Nil where mail is off.
  let relay: Relay?

  /// Hands over every finding as it is made. The last line tells programs what the daemon knows, for checks that only
  /// an administrator of slapd can make.
  func run(items: ItemSink) async -> Reply {
    func tell(_ findings: [Finding]) async { for finding in findings { _ = await items(Item(finding.fields)) } }
    let seen = await service.accounts.examine()
    await tell(CheckDirectory.findings(of: seen, at: service.now()))
    await tell(CheckGroups.findings(of: await CheckGroups.look(configuration, in: service.accounts)))
    var known = facts(seen)
    do throws(DirectoryError) {
      let census = try await Census.take(of: service.accounts, wanted: service.hashParameters, at: service.now())
      let knowsPolicy = seen.contains { (try? $0.facts.get())?.knowsPasswordPolicy ?? false }
      await tell(CheckAccounts.findings(of: census, ring: service.keys, knowsPasswordPolicy: knowsPolicy))
      known += census.facts
    } catch {
      await tell([
        Finding("accounts.read", .unknown, "The accounts could not be read: \(error.text)", why: CheckAccounts.whyRead)
      ])
    }
    await tell(CheckSettings.findings(of: configuration, hashCost: await hashCost()))
    await tell([CheckSettings.mail(configuration.mail, greeting: await greet())])
    await tell(CheckFiles.findings(of: CheckFiles.look(configuration, file: file), uid: geteuid()))
    await tell(
      CheckCertificates.findings(of: configuration.listen, now: service.now().seconds))
    return .ok("checked", known)
  }

  private func facts(_ seen: [(uri: String, facts: Result<ServerFacts, DirectoryError>)]) -> [Field] {
    let directory = configuration.directory
    let identity = seen.compactMap { try? $0.facts.get() }.first?.identity
    return [
      Field("uri", directory.uris.joined(separator: ",")), Field("base", directory.base),
      Field("people", directory.people), Field("shared", directory.sharedEntry),
      Field("logins", directory.loginAttributes.joined(separator: ",")), Field("bind", directory.bind.rawValue),
      Field("uid", Int(geteuid())), Field("gid", Int(getegid())), Field("config", file),
    ]
      + [
        identity.map { Field("daemon", $0) },
        service.accounts.organisationAttribute.map { Field("organisation-attribute", $0.name) },
      ].compactMap { $0 }
  }

  /// Of one hash of a new password, on this host, now. Nil where there was no time for it.
  private func hashCost() async -> Duration? {
    let parameters = service.hashParameters
    let salt = [UInt8](repeating: 0x5A, count: Argon2Parameters.saltLength)
    let measured = try? await service.hashing.run(for: nil) { () -> Duration? in
      let begun = ContinuousClock.now
      let hash = try? PasswordHash.make(Secret(Array("a password".utf8)), salt: salt, parameters: parameters)
      return hash == nil ? nil : ContinuousClock.now - begun
    }
    return measured ?? nil
  }

  private func greet() async -> Result<Void, MailError>? {
    guard let relay else { return nil }
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(MailError) {
          try relay.greet()
          continuation.resume(returning: .success(()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
  }
}
