import Wire

/// Entries of LDIF (RFC 2849), as slapd's tools print them: parsed as bytes, since a value may hold any.
struct LDIFEntry: Equatable {
  let dn: String
  /// By the attribute's name in lower case, in the order of the file.
  private var attributes: [String: [[UInt8]]] = [:]

  init(dn: String, _ attributes: [String: [String]] = [:]) {
    self.dn = dn
    for (name, values) in attributes { self.attributes[name.lowercased()] = values.map { Array($0.utf8) } }
  }

  static let entriesMax = 10_000

  static func parse(_ text: [UInt8]) -> [LDIFEntry] {
    var entries: [LDIFEntry] = []
    var current: LDIFEntry?
    for line in unfolded(text) {
      if line.isEmpty {
        if let current { entries.append(current) }
        current = nil
        guard entries.count < entriesMax else { return entries }
        continue
      }
      guard line.first != UInt8(ascii: "#"), let (name, value) = pair(line) else { continue }
      if current == nil {
        if name == "dn" { current = LDIFEntry(dn: String(decoding: value, as: UTF8.self)) }
      } else {
        current?.attributes[name, default: []].append(value)
      }
    }
    return entries + (current.map { [$0] } ?? [])
  }

  /// Lines with what was folded put together again.
  static func unfolded(_ text: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for line in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.first == 0x20, let last = lines.last, !last.isEmpty {
        lines[lines.count - 1] += line.dropFirst()
      } else {
        lines.append(Array(line))
      }
    }
    return lines
  }

  private static func pair(_ line: [UInt8]) -> (name: String, value: [UInt8])? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    let rest = line[(colon + 1)...]
    guard rest.first == UInt8(ascii: ":") else { return (name, Array(rest.drop { $0 == 0x20 })) }
    return Base64.decode(rest.dropFirst().drop { $0 == 0x20 }).map { (name, $0) }
  }

  // MARK: Values

  func values(_ name: String) -> [String] {
    (attributes[name.lowercased()] ?? []).map { String(decoding: $0, as: UTF8.self) }
  }

  func value(_ name: String) -> String? { values(name).first }

  func isTrue(_ name: String) -> Bool { value(name)?.uppercased() == "TRUE" }

  /// Values in the order of their `{n}`, without it.
  func ordered(_ name: String) -> [String] {
    values(name).map(Numbered.init).sorted { $0.number < $1.number }.map(\.text)
  }
}

/// `{3}text`, as cn=config numbers its values and names.
struct Numbered {
  let number: Int
  let text: String

  /// What is not numbered comes last, in its order.
  init(_ value: String) {
    let bytes = Array(value.utf8)
    guard bytes.first == UInt8(ascii: "{"), let end = bytes.firstIndex(of: UInt8(ascii: "}")),
      let number = Int(String(decoding: bytes[1..<end], as: UTF8.self))
    else {
      (number, text) = (.max, value)
      return
    }
    self.number = number
    text = String(decoding: bytes[(end + 1)...], as: UTF8.self)
  }
}
