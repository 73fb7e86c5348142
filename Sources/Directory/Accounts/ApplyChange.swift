internal import Logging
internal import Secrets
public import SignIn

extension AccountDirectory {
  /// Applies one change, or learns that its condition does not hold. An answer that is lost is read back; a change
  /// that may or may not have landed throws `.lost`, and is never sent again as if it were new.
  ///
  /// A rotation of the keys that comes between is no change of the account: the condition is told anew, and what is
  /// answered has the bytes that the caller knows.
  public func apply(_ change: Change) async throws(DirectoryError) -> Outcome {
    var sent = change
    for _ in 0..<Self.rotationsMax {
      switch try await attempt(sent) {
      case .applied: return .applied
      case .refused(nil): return .refused(nil)
      case .refused(let fresh?):
        guard let rotation = try rotation(of: change.account, to: fresh),
          let retold = change.resealed(rotation.values, secret: fresh.sealedSecret)
        else { return .refused(fresh) }
        // Where anything else has changed as well, the caller decides, as ever.
        guard rotation.isAll else { return .refused(rotation.known) }
        sent = retold
      }
    }
    throw .busy
  }

  /// Each rotation writes an entry once, and between two of them lie minutes at the least.
  private static let rotationsMax = 4

  private func attempt(_ change: Change) async throws(DirectoryError) -> Outcome {
    if change.isRuledOut { return .refused(change.account) }
    let late = DirectoryError.lost("no answer within \(settings.totalSeconds) s (directory.total-timeout)")
    return try await within(settings.totalSeconds, else: late) { () throws(DirectoryError) in
      let checked = try await servers.connection()
      do throws(DirectoryError) { return try await apply(change, on: checked) } catch {
        switch error {
        case .unavailable, .refused: guard await servers.leaves(checked, error) else { throw error }
        case .lost, .fenced, .busy, .unsuitable: throw error
        }
      }
      // Certainly not applied, and there is another server.
      return try await apply(change, on: servers.connection())
    }
  }

  private func apply(_ change: Change, on checked: CheckedConnection) async throws(DirectoryError) -> Outcome {
    let begun = ContinuousClock.now
    try await servers.pass(change)
    let request = try self.request(change, traits: checked.traits)
    let answer: Connection.Answer
    do throws(DirectoryError) {
      answer = try await checked.connection.modify(
        dn: change.account.dn, request.modifications, if: request.condition)
    } catch .lost(let why) {
      return try await readBack(change, why, until: begun + .seconds(settings.totalSeconds / 2))
    }
    switch answer {
    case .applied: return .applied
    case .noSuchObject: return .refused(try await account(again: change.account))
    case .conditionFailed:
      let fresh = try await account(again: change.account)
      if fresh == change.account { throw await distrust(checked, change.account) }
      return .refused(fresh)
    case .found, .alreadyExists: throw .lost("\(checked.connection.uri): an answer of another kind")
    }
  }

  private func request(_ change: Change, traits: ServerTraits) throws(DirectoryError) -> ChangeRequest {
    do {
      let nonce = try random(sealNonceLength)
      return try ChangeRequest(change, knowsPasswordPolicy: traits.knowsPasswordPolicy) {
        secret, id throws(SealFailure) in
        try keys.sealedAuthenticatorSecret(secret, of: id, nonce: nonce)
      }
    } catch {
      throw .unsuitable("an authenticator's secret could not be sealed: \(error)")
    }
  }

  private func readBack(
    _ change: Change, _ why: String, until deadline: ContinuousClock.Instant
  ) async throws(DirectoryError) -> Outcome {
    repeat {
      do throws(DirectoryError) {
        guard let fresh = try await account(again: change.account) else { return .refused(nil) }
        if change.landed(in: fresh) { return .applied }
        throw .refused(code: 0, "")  // read, and not there: perhaps still under way, so nothing is concluded
      } catch {
        guard case .unavailable = error else { break }
        try? await Task.sleep(for: .milliseconds(100))
      }
    } while ContinuousClock.now < deadline && !Task.isCancelled
    throw .lost(why)
  }

  /// The entry is as it was read, and yet the condition did not hold: the daemon may not search an attribute that the
  /// condition names, or the schema was changed under the connection. No verdict on anybody.
  private func distrust(_ checked: CheckedConnection, _ account: Account) async -> DirectoryError {
    await checked.connection.close()
    return .unsuitable(
      "\(checked.connection.uri): a condition was refused although the entry is unchanged (\(account.dn)): "
        + "load the access rules of schema/ for the daemon")
  }
}

/// AES-256-GCM's (NIST SP 800-38D, section 8.2).
private let sealNonceLength = 12
