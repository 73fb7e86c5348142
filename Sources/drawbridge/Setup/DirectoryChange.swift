import Wire

/// One step of a setup: an entry that is added, or values that an entry gets.
struct DirectoryChange: Equatable {
  enum Kind: String, CaseIterable {
    case schema, module, limits, access, identity, index, people, shared
    /// What a take-back leaves of `access` while there are accounts.
    case closing
  }

  struct Value: Equatable {
    let name: String
    /// With `{n}` in front where its place counts.
    let text: String
    var why: [String] = []
  }

  let kind: Kind
  let dn: String
  /// True where the entry itself is new.
  let isEntry: Bool
  let values: [Value]

  /// A running slapd gives up neither its schema nor its modules.
  var isFinal: Bool { kind == .schema || kind == .module }
  /// Whether it is an entry of the database, in which the administrator of cn=config may have no rights.
  var isOfDatabase: Bool { kind == .people || kind == .shared }

  var title: String {
    switch kind {
    case .schema: "The schema: attributes and object classes of accounts. A running slapd does not give it up again."
    case .module: "slapd compares {ARGON2} hashes, which Drawbridge writes. A running slapd does not give it up again."
    case .limits: "A sweep reads more than slapd's 500 entries."
    case .access: "Who may do what with accounts. These rules come before yours, and yours stay."
    case .identity: "Who the daemon is over ldapi."
    case .index: "What Drawbridge searches by; slapd indexes existing entries by itself."
    case .people: "Below it, invitations make new accounts."
    case .shared: "What the daemons of one directory share."
    case .closing: "Nobody reads Drawbridge's own attributes, as long as there are accounts that have them."
    }
  }

  /// For a line of output.
  var what: String { "\((kind == .closing ? .access : kind).rawValue): \(dn.withoutControls)" }

  /// As people read it, and ldapmodify does.
  func ldif(isFolded: Bool = true) -> String {
    var lines = isFolded ? ["# \(title)"] : []
    lines += ["dn: \(dn)", "changetype: \(isEntry ? "add" : "modify")"]
    if !isEntry, let name = values.first?.name { lines.append("add: \(name)") }
    for value in values {
      if isFolded { lines += value.why.map { "# \($0)" } }
      lines.append("\(value.name): \(isFolded ? Self.folded(value.text) : value.text)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A rule of access in lines, each subject in its own: a fold of LDIF goes before any character.
  private static func folded(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let next = rest.firstRange(ofText: " by ") {
      result += rest[..<next] + "\n "
      let end = rest.index(next, offsetBy: 4)
      result += rest[next..<end]
      rest = rest[end...]
    }
    return result + rest
  }

  /// The step that a record tells of; nil for what is none.
  init?(recorded entry: LDIFEntry) {
    isEntry = entry.value("changetype") == "add"
    dn = entry.dn
    guard let kind = entry.value(Self.kindName).flatMap(Kind.init) else { return nil }
    self.kind = kind
    if isEntry {
      values = []
    } else {
      guard let name = entry.value("add") else { return nil }
      values = entry.values(name).map { Value(name: name, text: $0) }
    }
  }

  init(_ kind: Kind, _ dn: String, isEntry: Bool = false, _ values: [Value]) {
    (self.kind, self.dn, self.isEntry, self.values) = (kind, dn, isEntry, values)
  }

  private static let kindName = "x-setup"

  /// As it stands in a record: LDIF with one line more.
  var record: String { ldif(isFolded: false) + "\(Self.kindName): \(kind.rawValue)\n\n" }

  private static let takenName = "x-taken-back"

  /// What a record gets when the step is taken back.
  var recordTaken: String { "dn: \(dn)\n\(Self.takenName): \(kind.rawValue)\n\n" }

  func isTaken(by entry: LDIFEntry) -> Bool {
    entry.value(Self.takenName) == kind.rawValue && DN.isEqual(entry.dn, dn)
  }
}

extension Substring {
  fileprivate func firstRange(ofText text: String) -> Index? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(text) { return index }
      index = self.index(after: index)
    }
    return nil
  }
}

/// Whether two values of cn=config say the same: without numbers, blanks, and the two words that slapd has for one.
enum SettingText {
  static func normalized(_ value: String) -> String {
    Numbered(value).text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
      .map { $0.hasPrefix("dn.exact=") ? "dn.base=" + $0.dropFirst(9) : String($0) }.joined(separator: " ")
  }
}
