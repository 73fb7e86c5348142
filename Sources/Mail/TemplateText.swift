/// A template's text, taken apart once when it is loaded.
struct TemplateText: Sendable {
  let subject: Line
  let body: [Line]

  struct Line: Sendable {
    enum Piece: Sendable {
      case text(String)
      case value(Placeholder)
    }

    let pieces: [Piece]

    /// Nil where a placeholder has no value.
    func filled(with values: [String: String]) -> String? {
      var line = ""
      for piece in pieces {
        switch piece {
        case .text(let text): line += text
        case .value(let placeholder):
          guard let value = values[placeholder.rawValue], !value.isEmpty else { return nil }
          line += value
        }
      }
      return line
    }
  }

  /// - Parameters:
  ///   - bytes: UTF-8; lines end in LF or CRLF.
  ///   - file: what errors name.
  init(_ bytes: [UInt8], for template: Template, file: String) throws(TemplateError) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      line.last == 0x0D ? line.dropLast() : line
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    let prefix = Array("Subject: ".utf8)
    guard let first = lines.first, first.starts(with: prefix), first.count > prefix.count else {
      throw TemplateError(file: file, line: 1, reason: "the first line must be \"Subject: \" and the subject")
    }
    guard lines.dropFirst().first?.isEmpty == true else {
      throw TemplateError(file: file, line: 2, reason: "the second line must be blank")
    }
    subject = try Self.line(first.dropFirst(prefix.count), number: 1, file, allowed: template.placeholders)
    var body: [Line] = []
    for (offset, line) in zip(0..., lines).dropFirst(2) {
      body.append(try Self.line(line, number: offset + 1, file, allowed: template.placeholders))
    }
    self.body = body
    for name in Placeholder.ofRows.union([.code]) where subject.placeholders.contains(name) {
      throw TemplateError(file: file, line: 1, reason: "{\(name.rawValue)} must not stand in the subject")
    }
    let present = Set(body.flatMap(\.placeholders))
    for name in template.requiredPlaceholders where !present.contains(name) {
      throw TemplateError(file: file, line: 0, reason: "{\(name.rawValue)} is missing")
    }
  }

  private static func line(
    _ bytes: ArraySlice<UInt8>, number: Int, _ file: String, allowed: Set<Placeholder>
  ) throws(TemplateError) -> Line {
    func text(_ bytes: ArraySlice<UInt8>) throws(TemplateError) -> String {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw TemplateError(file: file, line: number, reason: "this is no UTF-8")
      }
      guard !text.unicodeScalars.contains(where: { $0 != "\t" && Message.breaksHeader($0) }) else {
        throw TemplateError(file: file, line: number, reason: "a control character")
      }
      return text
    }
    var pieces: [Line.Piece] = []
    var rest = bytes
    while let brace = rest.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
      pieces.append(.text(try text(rest[..<brace])))
      let inside = rest[brace...].dropFirst()
      guard rest[brace] == UInt8(ascii: "{"), let end = inside.firstIndex(of: UInt8(ascii: "}")) else {
        throw TemplateError(file: file, line: number, reason: "a brace that belongs to no placeholder")
      }
      let name = try text(inside[..<end])
      guard let placeholder = Placeholder(rawValue: name), allowed.contains(placeholder) else {
        let known = allowed.map { "{\($0.rawValue)}" }.sorted().joined(separator: " ")
        throw TemplateError(file: file, line: number, reason: "unknown placeholder {\(name)}; known here are \(known)")
      }
      pieces.append(.value(placeholder))
      rest = inside[end...].dropFirst()
    }
    pieces.append(.text(try text(rest)))
    return Line(pieces: pieces)
  }
}

extension TemplateText.Line {
  var placeholders: [Placeholder] {
    pieces.compactMap { piece in
      if case .value(let placeholder) = piece { placeholder } else { nil }
    }
  }
}
