internal import Directory
internal import Secrets
internal import SignIn
internal import Wire

/// People who are known elsewhere: one with what is known of them, or all whom a filter finds in the directory.
extension Administration {
  func importAccount(
    _ login: [UInt8], _ fields: [Field], dryRun: Bool
  ) async throws(DirectoryError) -> Done {
    let hash = fields["hash"].map { PasswordHash(stored: $0) }
    if let hash, let objection = hash.objection { return Done(Self.refusal(of: hash, objection)) }
    let who = Importation(
      login: login, attributes: Self.attributes(fields.filter { $0.name != "hash" }), hash: hash)
    for _ in 0..<Self.attemptsMax {
      let outcome = try await service.accounts.importAccount(who, dryRun: dryRun)
      switch outcome {
      case .changed: continue
      case .ambiguous: return Done(.no("ambiguous", text: Self.ambiguous))
      case .incomplete(let why): return Done(.no("incomplete", text: why))
      case .would(let way, let account):
        let names = account.map(Self.names) ?? []
        return Done(.ok("would-import", names + [Field("how", way.rawValue)]), account, changedNothing: true)
      case .imported(let way, let account):
        return Done(.ok("imported", Self.names(of: account) + Self.facts(way, account)), account)
      }
    }
    return Done(Self.changedMeanwhile)
  }

  /// `ADOPT`: an item an entry, each an act of its own for the audit.
  func adopt(
    _ filter: [UInt8], dryRun: Bool, under authority: Authority, items: ItemSink
  ) async throws(DirectoryError) -> Done {
    let adoptable: Filter
    do throws(FilterError) { adoptable = try AccountDirectory.adoptable(filter) } catch {
      return Done(.no("bad-filter", text: error.text))
    }
    var (adopted, skipped) = (0, 0)
    let found = try await service.accounts.adopt(adoptable, dryRun: dryRun) { adoption throws(DirectoryError) in
      var fields = [Field("dn", adoption.dn)] + (adoption.mail.map { [Field("login", $0)] } ?? [])
      var text: String?
      switch adoption.outcome {
      case .imported(let way, let account):
        adopted += 1
        audit("adopt", account, under: authority, result: way.rawValue)
        fields += [Field("action", way.rawValue)] + Self.facts(way, account).filter { $0.name != "how" }
      case .would:
        adopted += 1
        fields.append(Field("action", "would-adopt"))
      case .ambiguous: (text, fields) = (Self.ambiguous, fields + Self.skipped("ambiguous"))
      case .incomplete(let why): (text, fields) = (why, fields + Self.skipped("incomplete"))
      case .changed: fields += Self.skipped("changed")
      }
      if fields["action"].map({ $0.elementsEqual("skipped".utf8) }) ?? false { skipped += 1 }
      return await items(Item(fields, text: text))
    }
    return Done(
      .ok("adopted", [Field("found", found), Field("adopted", adopted), Field("skipped", skipped)]),
      changedNothing: dryRun)
  }

  private static func skipped(_ reason: String) -> [Field] { [Field("action", "skipped"), Field("reason", reason)] }

  private static let ambiguous =
    "Several entries answer to this login, or another entry has this address or name already."

  /// What there was to import, and what the owner has to do next.
  private static func facts(_ way: ImportOutcome.Way, _ account: Account) -> [Field] {
    let hash = account.hash.map { $0.objection == nil ? "usable" : "unusable" } ?? "none"
    return [Field("how", way.rawValue), Field("hash", hash), Field("state", account.standing.word)]
  }

  private static func refusal(of hash: PasswordHash, _ objection: PasswordHash.Unusable) -> Reply {
    let scheme = hash.schemeName.map { [Field("scheme", $0)] } ?? []
    let name = hash.schemeName ?? ""
    switch objection {
    case .unknownScheme where scheme.isEmpty:
      return .no("unusable-hash", text: "There is no scheme before the hash: clear text is never taken.")
    case .unknownScheme: return .no("unusable-hash", scheme, text: "Nobody can be verified by a hash of {\(name)}.")
    case .beyondLimits:
      return .no("unusable-hash", scheme, text: "The hash of {\(name)} asks for more work than is granted to any.")
    case .malformed, .engineFailure:
      return .no("unusable-hash", scheme, text: "The hash is not of the form of {\(name)}.")
    }
  }
}
