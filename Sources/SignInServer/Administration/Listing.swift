internal import Directory
internal import SignIn
internal import Wire

/// `LIST`: what an index of the directory can tell is asked there, the rest decided on each account.
extension Administration {
  ///
  /// An organisation's administrator sees the own organisations' accounts, and of no other that it exists.
  func list(
    _ fields: [Field], under authority: Authority, items: ItemSink
  ) async throws(DirectoryError) -> Done {
    let criteria: Criteria
    do throws(Criteria.Failure) { criteria = try Criteria(fields) } catch {
      return Done(error.reply)
    }
    let all = service.rules.organisations
    var organisations = authority.organisation?.organisations
    if let name = criteria.organisation {
      organisations = (organisations ?? all.all).filter { $0.name.utf8.elementsEqual(name) }
      if organisations?.isEmpty ?? true {
        return Done(.no("no-such-organisation", text: "There is no organisation of this name."))
      }
    }
    var count = 0
    var isWanted = true
    for organisation in organisations.map({ $0.map(Optional.some) }) ?? [nil] where isWanted {
      let selection = organisation.map { service.accounts.selection(criteria.selection, of: $0) } ?? criteria.selection
      try await service.accounts.forEach(selection) { account throws(DirectoryError) in
        guard criteria.fits(account) else { return true }
        if let organisation, all.organisation(of: account) != organisation { return true }
        count += 1
        isWanted = await items(Item(Self.names(of: account) + Self.facts(of: account)))
        return isWanted
      }
    }
    return Done(.ok("listed", [Field("count", count)]))
  }
}

/// Which accounts a list is about; all that is named must fit.
private struct Criteria {
  struct Failure: Error { let reply: Reply }

  private static let states = ["invited", "half-set-up", "active", "deactivated", "locked"]

  private var state: String?
  private var idleBefore: Timestamp?
  private var never = false
  private(set) var organisation: [UInt8]?

  init(_ fields: [Field]) throws(Failure) {
    for field in fields {
      let value = String(decoding: field.value, as: UTF8.self)
      switch field.name {
      case "state":
        guard Self.states.contains(value) else { throw Self.badValue("state= is one of \(Self.words).") }
        state = value
      case "idle-before":
        guard let time = Timestamp(rfc3339: field.value) else {
          throw Self.badValue("idle-before= is a date, 2025-06-30, or a time, 2025-06-30T09:15:00Z.")
        }
        idleBefore = time
      case "never":
        guard value == "yes" else { throw Self.badValue("never= is yes.") }
        never = true
      default: organisation = field.value
      }
    }
  }

  private static var words: String { states.joined(separator: ", ") }

  private static func badValue(_ text: String) -> Failure { Failure(reply: .err("bad-value", text: text)) }

  /// What an index helps with. Deactivated accounts have no clock.
  var selection: Selection {
    var selection = Selection.all
    if state == "deactivated" { selection = selection.and(.deactivated) }
    if let idleBefore { selection = selection.and(.clock(atMost: idleBefore)) }
    return selection
  }

  func fits(_ account: Account) -> Bool {
    if let state, account.standing.word != state { return false }
    if never, account.lastSignIn != nil { return false }
    guard let idleBefore else { return true }
    return account.lastSeen.map { $0.lowerBound < idleBefore } ?? false
  }
}
