extension Request {
  /// What an administrator asks for.
  public struct Admin: Sendable, Equatable {
    public var verb: Verb
    /// `as=`: the session of an organisation's administrator, who asks on a socket of role `signin`.
    public var session: [UInt8]?

    public init(_ verb: Verb, as session: [UInt8]? = nil) {
      self.verb = verb
      self.session = session
    }

    public enum Verb: Sendable, Equatable {
      /// Attributes are those of ``attributes``, each once at the most.
      case invite(login: [UInt8], attributes: [Field])
      /// An account that is known elsewhere, with its hash: `IMPORT`.
      /// Attributes are those of ``importedAttributes``.
      case importAccount(login: [UInt8], attributes: [Field], dryRun: Bool)
      /// All entries that a filter (RFC 4515) finds: `ADOPT`.
      case adopt(filter: [UInt8], dryRun: Bool)
      case account(AccountVerb, login: [UInt8])
      /// Fields are those of ``criteria``.
      case list([Field])
      case sweep(SweepMode)
      /// Takes one deactivation of a sweep back: the entryUUID, and the marker's time as the sweep's record has it.
      case undo(id: [UInt8], deactivated: [UInt8])
      case status
      /// What the daemon has counted, as OpenMetrics has it.
      case metrics
      /// Which keys there are and what is under them; `rotate`: everything under the active one.
      case keys(KeysMode)
      /// What is wrong with the house, as far as the daemon sees it.
      case check

      /// The verb's word, in upper case.
      public var word: String {
        switch self {
        case .invite: "INVITE"
        case .importAccount: "IMPORT"
        case .adopt: "ADOPT"
        case .account(let verb, _): verb.rawValue
        case .list: "LIST"
        case .sweep: "SWEEP"
        case .undo: "UNDO"
        case .status: "STATUS"
        case .metrics: "METRICS"
        case .keys: "KEYS"
        case .check: "CHECK"
        }
      }
    }

    /// The verbs that are about one account, by their words.
    public enum AccountVerb: String, Sendable, Equatable, CaseIterable {
      case show = "SHOW"
      case explain = "EXPLAIN"
      case reactivate = "REACTIVATE"
      case deactivate = "DEACTIVATE"
      case unlock = "UNLOCK"
      case reset = "RESET"
      case signOutAll = "SIGNOUT-ALL"
    }

    public enum SweepMode: String, Sendable, Equatable, CaseIterable {
      case full
      /// Changes nothing.
      case dryRun = "dry-run"
      /// Whatever the brake says.
      case force
    }

    public enum KeysMode: String, Sendable, Equatable, CaseIterable { case status, rotate }

    public static let attributes = ["uid", "cn", "sn", "givenName"]
    /// Of an import: the address, and a value of `userPassword`, too.
    public static let importedAttributes = attributes + ["mail", "hash"]
    private static let dryRun = "dry-run"
    public static let criteria = ["state", "idle-before", "never", "organisation"]
  }
}

// MARK: - Lines

extension Request.Admin {
  /// Nil where the verb is no administrator's. A session may stand behind each, so that the daemon, and not the grammar,
  /// says what it is not good for.
  init?(verb: String, arguments: inout Arguments) throws(RequestError) {
    var session: [UInt8]?
    func fields(_ names: [String] = []) throws(RequestError) -> [Field] {
      let fields = try arguments.fields(names + ["as"])
      session = fields["as"]
      return fields.filter { $0.name != "as" }
    }
    let parsed: Verb
    if let account = AccountVerb(rawValue: verb) {
      parsed = .account(account, login: try arguments.next())
      _ = try fields()
    } else {
      switch verb {
      case "INVITE": parsed = .invite(login: try arguments.next(), attributes: try fields(Self.attributes))
      case "IMPORT":
        let login = try arguments.next()
        let fields = try fields(Self.importedAttributes + [Self.dryRun])
        parsed = .importAccount(
          login: login, attributes: fields.filter { $0.name != Self.dryRun }, dryRun: try Self.isDry(fields))
      case "ADOPT":
        let fields = try fields(["filter", Self.dryRun])
        guard let filter = fields["filter"] else { throw .missingArgument }
        parsed = .adopt(filter: filter, dryRun: try Self.isDry(fields))
      case "LIST": parsed = .list(try fields(Self.criteria))
      case "SWEEP":
        parsed = .sweep(try arguments.choice() ?? .full)
        _ = try fields()
      case "UNDO":
        let id = try arguments.next()
        guard let deactivated = try fields(["deactivated"]).first else { throw .missingArgument }
        parsed = .undo(id: id, deactivated: deactivated.value)
      case "STATUS":
        parsed = .status
        _ = try fields()
      case "METRICS":
        parsed = .metrics
        _ = try fields()
      case "KEYS":
        parsed = .keys(try arguments.choice() ?? .status)
        _ = try fields()
      case "CHECK":
        parsed = .check
        _ = try fields()
      default: return nil
      }
    }
    self.init(parsed, as: session)
  }

  /// A request that shall change nothing says `yes`; anything else could be taken for the one or the other.
  private static func isDry(_ fields: [Field]) throws(RequestError) -> Bool {
    guard let value = fields[dryRun] else { return false }
    guard value.elementsEqual("yes".utf8) else { throw .unexpectedArgument }
    return true
  }

  private static func dry(_ isDry: Bool) -> [Field] { isDry ? [Field(dryRun, "yes")] : [] }

  var line: [UInt8] {
    let request =
      switch verb {
      case .invite(let login, let attributes): Request.line("INVITE", login, attributes)
      case .importAccount(let login, let attributes, let dryRun):
        Request.line("IMPORT", login, attributes + Self.dry(dryRun))
      case .adopt(let filter, let dryRun): Request.line("ADOPT", nil, [Field("filter", filter)] + Self.dry(dryRun))
      case .account(let verb, let login): Request.line(verb.rawValue, login)
      case .list(let criteria): Request.line("LIST", nil, criteria)
      case .sweep(.full): Request.line("SWEEP")
      case .sweep(let mode): Request.line("SWEEP \(mode.rawValue)")
      case .undo(let id, let deactivated): Request.line("UNDO", id, [Field("deactivated", deactivated)])
      case .status: Request.line("STATUS")
      case .metrics: Request.line("METRICS")
      case .keys(.status): Request.line("KEYS")
      case .keys(let mode): Request.line("KEYS \(mode.rawValue)")
      case .check: Request.line("CHECK")
      }
    return request + (session.map { [ASCII.space] + Field("as", $0).encode() } ?? [])
  }
}
