internal import Directory
internal import Logging
internal import Secrets
internal import SignIn

/// What was typed, against what is stored.
extension Effects {
  func verify(_ password: Secret, _ hash: PasswordHash?) async throws(Later) -> PasswordHash.Verdict {
    let stored = hash ?? service.decoy
    let verdict = try await onHashingThread { stored.verify(password) }
    if verdict == .unusable(.engineFailure) { throw Later(reason: "hashing") }
    if case .unusable(let why) = verdict {
      service.logger.error("a stored password cannot be used", metadata: ["reason": "\(why)"])
      // As long as any other: the kind of a stored value is nobody's business.
      let decoy = service.decoy
      _ = try await onHashingThread { decoy.verify(password) }
    }
    return verdict
  }

  func hash(_ password: Secret) async throws(Later) -> PasswordHash {
    let salt = try draw(Argon2Parameters.saltLength)
    let parameters = service.hashParameters
    let made = try await onHashingThread {
      Result { () throws(HashingFailure) in try PasswordHash.make(password, salt: salt, parameters: parameters) }
    }
    do throws(HashingFailure) { return try made.get() } catch {
      service.logger.error("a password could not be hashed", metadata: ["reason": "\(error)"])
      throw Later(reason: "hashing")
    }
  }

  private func onHashingThread<Value: Sendable>(
    _ work: @escaping @Sendable () -> Value
  ) async throws(Later) -> Value {
    do { return try await service.hashing.run(for: walk.source, work) } catch {
      throw Later(reason: "busy", afterSeconds: 2)
    }
  }

  func match(_ typed: [UInt8], _ authenticator: Authenticator?) throws(Later) -> Int64? {
    let secret: Secret
    switch authenticator {
    case nil: secret = Secret([UInt8](repeating: 0, count: TOTP.secretLength))
    case .pending(let pending): secret = pending
    case .sealed(let sealed, let id):
      do throws(SealFailure) {
        secret = try service.keys.authenticatorSecret(sealed, of: id)
      } catch .unknownKey(let key) {
        service.metrics.count { $0.unknownKeys.add("account") }
        service.logger.critical(
          "an authenticator is sealed under an unknown key (keys.ring)", metadata: ["key": "\(key)"])
        throw Later(reason: "keys", afterSeconds: 30)
      } catch {
        // Moved here from another entry, or damaged: this account fails closed, the others do not notice.
        service.metrics.count { $0.unopened.add() }
        service.logger.error("an authenticator's secret cannot be opened", metadata: ["id": "\(id)"])
        return nil
      }
    }
    let step = TOTP(secret: secret).match(typed, at: service.now().seconds, window: service.totpWindow)
    return authenticator == nil ? nil : step
  }

  func draw(_ count: Int) throws(Later) -> [UInt8] {
    do { return try service.random(count) } catch { throw Later(reason: "randomness") }
  }
}
