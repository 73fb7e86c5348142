import Wire

/// One value of `olcAccess`: `to WHAT by WHO LEVEL …` (slapd.access(5)).
struct AccessRule {
  let text: String
  /// Words, in lower case; what stands in quotes is one.
  private let words: [String]
  /// Of `attrs=`, in lower case; empty where the rule is about the whole entry.
  let attributes: Set<String>

  init(_ text: String) {
    self.text = text
    words = Self.words(text)
    let list = words.first { $0.hasPrefix("attrs=") || $0.hasPrefix("attr=") }
    attributes = Set(list?.drop { $0 != "=" }.dropFirst().split(separator: ",").map { String($0) } ?? [])
  }

  private static func words(_ text: String) -> [String] {
    var words: [[UInt8]] = [[]]
    var isQuoted = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case _ where !isQuoted && [0x09, 0x0A, 0x20].contains(byte): words.append([])
      default: words[words.count - 1].append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
      }
    }
    return words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
  }

  private var target: ArraySlice<String> { words.drop { $0 == "to" }.prefix { $0 != "by" } }

  /// It bears the mark of `schema/access`: our class, our attributes, or our shared entry's.
  var isOurs: Bool { target.contains { $0.contains("drawbridge") } }

  /// `*`, or a name that holds this one.
  func covers(_ dn: String) -> Bool {
    guard let what = target.first(where: { $0.hasPrefix("dn") }) else { return true }
    let (form, name) = (what.prefix { $0 != "=" }, String(what.drop { $0 != "=" }.dropFirst()))
    switch form {
    case "dn.subtree", "dn.sub", "dn.children": return DN.isBelowOrEqual(dn, name)
    case "dn.exact", "dn.base", "dn": return DN.isEqual(dn, name)
    case "dn.one", "dn.onelevel": return DN.isEqual(DN.parent(of: dn), name)
    default: return true  // a pattern: nobody knows better than slapd
    }
  }

  /// Whether the rule says nothing of any attribute that Drawbridge decides by.
  var isHarmless: Bool {
    let decisive = Set((AccessAsSeen.hash + AccessAsSeen.secrets + AccessAsSeen.state).map { $0.lowercased() })
    return !attributes.isEmpty && attributes.isDisjoint(with: decisive)
  }

  func grants(_ level: String) -> Bool { words.contains(level) || words.contains("=x") }

  /// Everybody whom it does not name goes on to the next rule.
  var passesOn: Bool { words.last == "break" }

  /// The group of `by group…=`, that is, our administrators' in a rule of ours.
  var group: String? {
    words.first { $0.hasPrefix("group") }.map { String($0.drop { $0 != "=" }.dropFirst()) }
  }
}

enum AccessRules {
  static func order(_ rules: [String], account dn: String) -> Finding {
    let check = "access.order"
    let rules = rules.map(AccessRule.init)
    guard let ours = rules.lastIndex(where: { $0.isOurs && $0.attributes.contains("drawbridgetotpsecret") }) else {
      return Finding(
        check, .bad, "No access rule of the database is about Drawbridge's secrets.",
        why: "Whatever your own rules say of other attributes holds for hashes and secrets as well.",
        mend: "ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif")
    }
    let before = rules[..<ours].enumerated().filter {
      !$0.element.isOurs && $0.element.covers(dn) && !$0.element.isHarmless && !$0.element.passesOn
    }
    guard let first = before.first else {
      return Finding(check, .good, "Drawbridge's access rules come before the others.")
    }
    return Finding(
      check, .bad, "The access rule {\(first.offset)} comes before Drawbridge's: \(first.element.text.prefix(200))",
      why: "The first rule that fits decides: Drawbridge's are never reached.",
      mend: "Delete its olcAccess {\(first.offset)}, and add it again behind the last of Drawbridge's rules")
  }

  /// Whose members administer accounts, as our own rule has it.
  static func administrators(_ rules: [String]) -> String? {
    rules.map(AccessRule.init).filter { $0.isOurs && $0.attributes.contains("drawbridgetotpsecret") }
      .compactMap(\.group).first
  }
}
