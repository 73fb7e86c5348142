internal import SignIn

/// Why a flow cannot go on now. It stays where it stood, and nothing is said about any credential.
struct Later: Error {
  let reason: String
  var afterSeconds = 1
  /// A wrong answer that could not be charged, and counts nevertheless.
  var isRefusal = false

  /// The directory does not take charges; the same for every login.
  static let refusedWrite = Later(reason: "directory", afterSeconds: 5, isRefusal: true)
}

/// One flow under way: its state, and what its effects remember between two answers.
struct Walk: Sendable {
  var flow: Flow
  let login: [UInt8]
  let source: Source?
  /// Who asks, as the client says.
  let service: [UInt8]?
  /// `lang=`, as the client sent it.
  let language: [UInt8]?
  /// The account as last read, with the turnstile's mark of that moment.
  var known: (subject: Subject, mark: UInt64)?
  /// Whose account it is about, for the audit.
  var account: EntryUUID?
  /// What the user has proven, once that is in the directory.
  var credentials: Sessions.Credentials?
  /// Whether the service is for the user at all: known once both factors were right, and until then not.
  var isAdmitted = false
  /// After one was used, how many there are yet.
  var recoveryCodesLeft: Int?
  /// Changes whose answer was lost. Should one turn out to have landed, it was this flow's own.
  var unsettled: [Change] = []
  static let unsettledMax = 8
  /// A wrong answer whose charge the directory did not take: the same answer once more is no further guess.
  var held: Held?

  struct Held: Sendable {
    let event: Event
    /// Under which the shadow budgets have it.
    let key: [UInt8]
    let factor: Factor
  }

  init(_ flow: Flow, login: [UInt8], source: Source?, service: [UInt8]?, language: [UInt8]? = nil) {
    self.flow = flow
    self.login = login
    self.source = source
    self.service = service
    self.language = language
  }
}
