/// The declaration of one setting, from which it is read, refused, suggested and documented.
struct Setting<Root>: Sendable {
  enum Default: Sendable {
    /// Written as in the environment, and read the same way.
    case value(String)
    /// Follows from something else; in words.
    case derived(String)
    case required
    case none
  }

  /// `table.key`
  let name: String
  let type: String
  let accepts: String
  /// Whether what was found must not be shown, because a password typed in the wrong place would be.
  let isConcealed: Bool
  let byDefault: Default
  let meaning: String
  /// False where the raw value is none that the setting accepts.
  let apply: @Sendable (Raw, inout Root) -> Bool
  let differs: @Sendable (Root, Root) -> Bool

  init<Value: Equatable>(
    _ name: String, _ kind: Kind<Value>, _ byDefault: Default, to path: any WritableKeyPath<Root, Value> & Sendable,
    _ meaning: String
  ) {
    self.init(name, kind, byDefault, meaning) {
      $1[keyPath: path] = $0
    } differs: {
      $0[keyPath: path] != $1[keyPath: path]
    }
  }

  init<Value: Equatable>(
    _ name: String, _ kind: Kind<Value>, _ byDefault: Default,
    toOptional path: any WritableKeyPath<Root, Value?> & Sendable,
    _ meaning: String
  ) {
    self.init(name, kind, byDefault, meaning) {
      $1[keyPath: path] = $0
    } differs: {
      $0[keyPath: path] != $1[keyPath: path]
    }
  }

  private init<Value>(
    _ name: String, _ kind: Kind<Value>, _ byDefault: Default, _ meaning: String,
    store: @escaping @Sendable (Value, inout Root) -> Void, differs: @escaping @Sendable (Root, Root) -> Bool
  ) {
    self.differs = differs
    self.name = name
    self.type = kind.type
    self.accepts = kind.accepts
    self.isConcealed = kind.isConcealed
    self.byDefault = byDefault
    self.meaning = meaning
    apply = { raw, root in
      guard let value = kind.read(raw) else { return false }
      store(value, &root)
      return true
    }
  }

  var isRequired: Bool {
    if case .required = byDefault { true } else { false }
  }

  /// `DRAWBRIDGE_TABLE_KEY`
  var variable: String {
    let letters = name.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
      case UInt8(ascii: "."), UInt8(ascii: "-"): UInt8(ascii: "_")
      default: byte
      }
    }
    return "DRAWBRIDGE_" + String(decoding: letters, as: UTF8.self)
  }
}

/// A value as it was found.
enum Raw: Sendable, CustomStringConvertible {
  case text(String)
  case integer(Int)
  case flag(Bool)
  case list([Raw])
  /// From the environment or a default: text that becomes whatever the setting is.
  case words(String)
  /// A type of TOML that no setting has, by its name.
  case other(String)

  /// As an error shows it: short, on one line, without control characters.
  var description: String {
    switch self {
    case .text(let text), .words(let text):
      let shown = text.unicodeScalars.prefix(80).map { scalar in
        scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value ? "\u{FFFD}" : String(scalar)
      }
      return "\"\(shown.joined())\(text.unicodeScalars.count > 80 ? "…" : "")\""
    case .integer(let number): return "\(number)"
    case .flag(let flag): return "\(flag)"
    case .list(let elements):
      return "[\(elements.prefix(4).map(\.description).joined(separator: ", "))\(elements.count > 4 ? ", …" : "")]"
    case .other(let name): return "a \(name)"
    }
  }
}
