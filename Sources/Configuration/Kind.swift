/// What a setting may hold: how it is called, what is accepted in words, and how it is read.
struct Kind<Value: Sendable>: Sendable {
  let type: String
  let accepts: String
  var isConcealed = false
  let read: @Sendable (Raw) -> Value?
}

extension Kind {
  /// Text that a function makes something of.
  fileprivate static func made(
    _ type: String, _ accepts: String, concealed: Bool = false, _ make: @escaping @Sendable (String) -> Value?
  ) -> Kind {
    Kind(type: type, accepts: accepts, isConcealed: concealed) { raw in
      switch raw {
      case .text(let text), .words(let text): make(text)
      case .integer, .flag, .list, .other: nil
      }
    }
  }
}

extension Kind where Value == String {
  static func text(maxBytes: Int) -> Kind {
    made("text", "a text of 1 to \(maxBytes) bytes without control characters") { text in
      Syntax.isText(text, maxBytes: maxBytes) ? text : nil
    }
  }

  /// The issuer of an otpauth URI ends at a colon.
  static var issuer: Kind {
    made("text", "a text of 1 to 64 bytes without a colon") { Syntax.isIssuer($0) ? $0 : nil }
  }

  static var path: Kind {
    made("path", "an absolute path") { Syntax.isPath($0, maxBytes: 4_095) ? $0 : nil }
  }

  /// What `sun_path` holds beside its NUL (unix(7)).
  static var socketPath: Kind {
    made("path", "an absolute path of at most 107 bytes") { Syntax.isPath($0, maxBytes: 107) ? $0 : nil }
  }

  static var name: Kind {
    made("name", "a name of 1 to 32 letters, digits, '_', '-' or '.'") { Syntax.isName($0) ? $0 : nil }
  }

  static var distinguishedName: Kind {
    made("DN", "a distinguished name, such as \"dc=example,dc=com\"") { Syntax.isDistinguishedName($0) ? $0 : nil }
  }

  static var attribute: Kind {
    made("attribute", "the name of an attribute, such as \"uid\"") { Syntax.isAttribute($0) ? $0 : nil }
  }

  static var directoryURI: Kind {
    made("URI", "\"ldapi:///\", \"ldaps://host\" or \"ldap://host\", with a port if need be") { text in
      Syntax.isDirectoryURI(text) ? text : nil
    }
  }

  static var address: Kind {
    made("address", "a mail address of printable ASCII") { Syntax.isAddress($0) ? $0 : nil }
  }
}

extension Kind where Value == ListenAddress? {
  static var listenAddress: Kind {
    made("address", "an address of this host with a port, such as \"0.0.0.0:7443\" or \"[::]:7443\"") { text in
      ListenAddress(text).map { .some($0) }
    }
  }
}

extension Kind where Value == Startups {
  static var startups: Kind {
    made("start:percent:full", "three numbers such as \"10:30:200\", the middle one 1–100, the last 10000 at the most")
    {
      Startups($0)
    }
  }
}

extension Kind where Value == String? {
  static var pathOrOff: Kind {
    made("path, or `off`", "an absolute path, or \"off\"") { text in
      text == "off" ? .some(nil) : Syntax.isPath(text, maxBytes: 4_000) ? .some(text) : nil
    }
  }
}

extension Kind where Value == TimeOfDay {
  static var timeOfDay: Kind {
    made("time", "a time such as \"03:30\", 00:00 to 23:59") { TimeOfDay($0) }
  }
}

extension Kind where Value == PasswordFile {
  static var passwordFile: Kind {
    made("path", "the absolute path of a file with the password (never the password)", concealed: true) { text in
      Syntax.isPath(text, maxBytes: 4_095) ? PasswordFile(path: text) : nil
    }
  }
}

extension Kind where Value == MailServer? {
  static var mailServer: Kind {
    made("URL, or `off`", "\"smtp://host\" or \"smtps://host\", with a port if need be, or \"off\"") { text in
      text == "off" ? .some(nil) : MailServer(text).map { .some($0) }
    }
  }
}

extension Kind where Value == Int {
  static func integer(_ range: ClosedRange<Int>) -> Kind {
    Kind(
      type: "integer, \(range.lowerBound)–\(range.upperBound)",
      accepts: "an integer of \(range.lowerBound) to \(range.upperBound)"
    ) { raw in
      switch raw {
      case .integer(let number): range ~= number ? number : nil
      case .words(let text): Int(text).flatMap { range ~= $0 ? $0 : nil }
      case .text, .flag, .list, .other: nil
      }
    }
  }
}

extension Kind where Value == UInt32 {
  /// 2^32-1 is no user (chown(2)).
  static var uid: Kind {
    let number = Kind<Int>.integer(0...4_294_967_294)
    return Kind(type: "user id", accepts: "a numeric user id") { number.read($0).map { UInt32($0) } }
  }

  static var mode: Kind {
    made("mode", "permission bits in octal as a text, such as \"0660\"") { text in
      let isOctal = 3...4 ~= text.utf8.count && text.utf8.allSatisfy { 0x30...0x37 ~= $0 }
      return isOctal ? UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil } : nil
    }
  }
}

extension Kind where Value == Bool {
  static var flag: Kind {
    Kind(type: "boolean", accepts: "true or false") { raw in
      switch raw {
      case .flag(let flag): flag
      case .words(let text): Bool(text)
      case .text, .integer, .list, .other: nil
      }
    }
  }
}

extension Kind where Value == TimeSpan {
  static func duration(_ range: ClosedRange<TimeSpan>) -> Kind {
    let accepts = "a duration of \(range.lowerBound) to \(range.upperBound), such as \"90s\" (units ms, s, m, h, d)"
    return made("duration, \(range.lowerBound)–\(range.upperBound)", accepts) {
      TimeSpan($0).flatMap { range ~= $0 ? $0 : nil }
    }
  }
}

extension Kind where Value == TimeSpan? {
  static func durationOrOff(_ range: ClosedRange<TimeSpan>) -> Kind {
    let duration = Kind<TimeSpan>.duration(range)
    return Kind(type: "\(duration.type), or `off`", accepts: duration.accepts + ", or \"off\"") { raw in
      switch raw {
      case .text("off"), .words("off"), .text("0"), .words("0"), .text("0s"), .words("0s"), .integer(0): .some(nil)
      case .text, .words, .integer, .flag, .list, .other: duration.read(raw).map { .some($0) }
      }
    }
  }
}

extension Kind where Value: CaseIterable & RawRepresentable<String> {
  static var choice: Kind {
    let names = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    let type = Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    return made(type, "one of \(names)") { Value(rawValue: $0) }
  }
}

extension Kind {
  /// The same by another name.
  func called(_ type: String) -> Kind { Kind(type: type, accepts: accepts, isConcealed: isConcealed, read: read) }

  /// A list in TOML, or words with commas between them.
  static func list<Element>(of element: Kind<Element>, _ count: ClosedRange<Int>) -> Kind where Value == [Element] {
    let accepts = "a list of \(count.lowerBound) to \(count.upperBound), each \(element.accepts)"
    return Kind(type: "list of \(element.type)s", accepts: accepts) { raw in
      let parts: [Raw]
      switch raw {
      case .list(let raws): parts = raws
      case .words(let text): parts = text.split(separator: ",").map { .words($0.trimmingBlanks) }
      case .text, .integer, .flag, .other: return nil
      }
      let elements = parts.compactMap(element.read)
      return elements.count == parts.count && count ~= elements.count ? elements : nil
    }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
