/// Where keys and tables stand in a TOML file (TOML 1.0), which the parser tells only of what it could not read.
///
/// The text is known to be TOML, so this looks for the beginnings of statements and steps over values.
struct Positions {
  private var found: [String: Problem.Position] = [:]
  private var elements: [String: Int] = [:]
  private let bytes: [UInt8]
  private var index = 0
  /// The line that the last note was made in; notes are made from the beginning to the end.
  private var line = (number: 1, start: 0)

  init(_ text: String) {
    bytes = Array(text.utf8)
    var table: [String] = []
    while true {
      skip { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
      guard let byte = next else { break }
      let start = index
      if byte == UInt8(ascii: "#") {
        skipLine()
      } else if byte == UInt8(ascii: "[") {
        skip { $0 == UInt8(ascii: "[") }
        table = path()
        if start + 1 < bytes.count, bytes[start + 1] == UInt8(ascii: "[") {
          let name = table.joined(separator: ".")
          let element = elements[name, default: 0]
          elements[name] = element + 1
          table.append("\(element)")
        }
        note(table, at: start)
        skipLine()
      } else {
        let key = path()
        for depth in 1...max(1, key.count) { note(table + key.prefix(depth), at: start) }
        skipValue()
      }
      if index == start { index += 1 }  // whatever this is, go on
    }
  }

  /// The place of a dotted name, or of the nearest table around it, or the beginning.
  subscript(name: String) -> Problem.Position {
    var parts = name.split(separator: ".")
    while !parts.isEmpty {
      if let position = found[parts.joined(separator: ".")] { return position }
      parts.removeLast()
    }
    return Problem.Position(line: 1, column: 1)
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func starts(with text: StaticString) -> Bool {
    bytes[min(index, bytes.count)...].starts(with: "\(text)".utf8)
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while let byte = next, condition(byte) { index += 1 }
  }

  private mutating func skipLine() {
    skip { $0 != 0x0A }
  }

  private mutating func note(_ path: [String], at start: Int) {
    for (index, byte) in zip(line.start..., bytes[line.start..<start]) where byte == 0x0A {
      line = (line.number + 1, index + 1)
    }
    let column = bytes[line.start..<start].count { $0 & 0xC0 != 0x80 } + 1  // bytes that begin a character
    let name = path.joined(separator: ".")
    if found[name] == nil { found[name] = Problem.Position(line: line.number, column: column) }
  }

  /// A key, with its dots and quotes taken away; escapes stay as they are, as no known key has any.
  private mutating func path() -> [String] {
    var parts: [String] = []
    while true {
      skip { $0 == 0x20 || $0 == 0x09 }
      let start = index
      if let quote = next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        skipString()
        parts.append(String(decoding: bytes[start..<index].dropFirst().dropLast(), as: UTF8.self))
      } else {
        skip { Authority.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
      }
      skip { $0 == 0x20 || $0 == 0x09 }
      guard next == UInt8(ascii: ".") else { return parts }
      index += 1
    }
  }

  /// To the end of the statement: a line break outside of strings and brackets.
  private mutating func skipValue() {
    var depth = 0
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString()
      case UInt8(ascii: "#"): skipLine()
      case 0x0A where depth == 0: return
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        index += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        index += 1
      default: index += 1
      }
    }
  }

  private mutating func skipString() {
    guard let quote = next else { return }
    let isLong = starts(with: "\"\"\"") || starts(with: "'''")
    index += isLong ? 3 : 1
    while let byte = next {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        index += 2
      } else if byte != quote {
        index += 1
      } else if !isLong {
        index += 1
        return
      } else if starts(with: "\"\"\"") || starts(with: "'''") {
        skip { $0 == quote }  // up to two quotes may stand before the closing three
        return
      } else {
        index += 1
      }
    }
    index = min(index, bytes.count)
  }
}
