import Wire

/// A reply as one JSON object (RFC 8259): `kind`, `word`, `text` if there is one, `fields`, and `items` if there are any.
///
/// Values are strings, as on the wire; bytes that are not UTF-8 become U+FFFD. A name that stands twice has an array.
struct JSON: CustomStringConvertible {
  let description: String

  init(_ reply: Reply) {
    var members = [("kind", Self.string(reply.kind.rawValue)), ("word", Self.string(reply.word))]
    if let text = reply.text { members.append(("text", Self.string(text))) }
    members.append(("fields", Self.object(reply.fields)))
    if !reply.items.isEmpty {
      members.append(("items", "[" + reply.items.map { JSON($0).description }.joined(separator: ",") + "]"))
    }
    description = Self.object(members)
  }

  /// The fields of an item, and its text, where it has one, beside them.
  init(_ item: Item) {
    let fields = Self.members(item.fields)
    description = Self.object(fields + (item.text.map { [("text", Self.string($0))] } ?? []))
  }

  private static func object(_ fields: [Field]) -> String { object(members(fields)) }

  private static func members(_ fields: [Field]) -> [(String, String)] {
    var values: [(name: String, strings: [String])] = []
    for field in fields {
      let string = string(String(decoding: field.value, as: UTF8.self))
      if let index = values.firstIndex(where: { $0.name == field.name }) {
        values[index].strings.append(string)
      } else {
        values.append((field.name, [string]))
      }
    }
    return values.map { name, strings in
      (name, strings.count == 1 ? strings.joined() : "[" + strings.joined(separator: ",") + "]")
    }
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(string($0)):\($1)" }.joined(separator: ",") + "}"
  }

  /// Quoted, with everything escaped that RFC 8259 (section 7) forbids, and the controls that a terminal would obey.
  private static func string(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case _ where scalar.properties.generalCategory == .control:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
