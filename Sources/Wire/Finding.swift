/// What a check of the house found: a fact, why it matters, and what mends it.
public struct Finding: Sendable, Equatable {
  public enum Verdict: String, Sendable, Equatable, CaseIterable {
    case good
    /// Right as it is, and to be known.
    case note
    case warning
    case bad
    /// It could not be looked at, so that nothing is said of it.
    case unknown
  }

  /// What was checked: a subject, a dot, and what of it.
  public var check: String
  public var verdict: Verdict
  public var what: String
  public var why: String?
  /// A command, or a change in LDIF; of several lines, where it needs them.
  public var mend: String?

  public init(_ check: String, _ verdict: Verdict, _ what: String, why: String? = nil, mend: String? = nil) {
    self.check = check
    self.verdict = verdict
    self.what = what
    self.why = why
    self.mend = mend
  }

  public var fields: [Field] {
    [
      Field("check", check), Field("result", verdict.rawValue), Field("what", what),
    ] + [("why", why), ("mend", mend)].compactMap { name, value in value.map { Field(name, $0) } }
  }

  /// Nil where the fields are none of a finding.
  public init?(_ fields: [Field]) {
    func text(_ name: String) -> String? { fields[name].flatMap { String(validating: $0, as: UTF8.self) } }
    guard let check = text("check"), let what = text("what"),
      let verdict = text("result").flatMap({ Verdict(rawValue: $0) })
    else { return nil }
    self.init(check, verdict, what, why: text("why"), mend: text("mend"))
  }
}
