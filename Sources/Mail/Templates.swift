/// The text of every ``Template``: a first line `Subject: …`, a blank line, and the body.
///
/// A ``Placeholder`` stands in braces; a brace has no other use. Values are put in once and as they are, so a brace in
/// a value means nothing. A line with a placeholder whose value is empty or not given is left out, so that
/// `Help: {support}` shows only where there is support. A line with a placeholder of a list is repeated for each of its
/// rows.
public struct Templates: Sendable {
  public static let fileMaxBytes = 16_384

  private let texts: [Template: TemplateText]
  private let constants: [String: String]

  /// Reads every `*.txt` in the folder; what it lacks is built in.
  ///
  /// - Parameters:
  ///   - folder: an absolute path, or nil for the built-in texts alone.
  ///   - constants: values for every message, such as `product` and `support`.
  /// - Throws: ``TemplateError`` for a folder or file that cannot be read, for a file that is no template's, and for
  ///   a text that ``Templates`` does not describe.
  public init(folder: String?, constants: [String: String] = [:]) throws(TemplateError) {
    var sources: [Template: (text: [UInt8], file: String)] = [:]
    for template in Template.allCases {
      sources[template] = (Array(template.builtIn.utf8), "\(template.rawValue).txt (built in)")
    }
    if let folder {
      for name in try TemplateFolder.names(in: folder) {
        guard let template = Template(rawValue: String(name.dropLast(4))) else {
          let known = Template.allCases.map { "\($0.rawValue).txt" }.joined(separator: ", ")
          throw TemplateError(
            file: "\(folder)/\(name)", line: 0, reason: "no message has this name; known are \(known)")
        }
        sources[template] = (try TemplateFolder.bytes(of: "\(folder)/\(name)"), "\(folder)/\(name)")
      }
    }
    var texts: [Template: TemplateText] = [:]
    for (template, source) in sources {
      texts[template] = try TemplateText(source.text, for: template, file: source.file)
    }
    self.texts = texts
    self.constants = constants
  }

  /// The message with its placeholders filled.
  ///
  /// - Parameters:
  ///   - values: by the ``Placeholder``'s raw value; they go before the constants.
  ///   - rows: values of a list, by row.
  /// - Throws: ``MailError/unsendable(_:)`` for a missing code, for a value with a control character or of more than
  ///   1,000 bytes, and for what ``Message`` refuses.
  public func message(
    _ template: Template, to recipient: String, values: [String: String], rows: [[String: String]] = []
  ) throws(MailError) -> Message {
    guard let text = texts[template] else { throw .unsendable("no text for \(template.rawValue)") }
    let values = constants.merging(values) { $1 }
    for (name, value) in ([values] + rows).joined() {
      guard value.utf8.count <= 1_000, !value.unicodeScalars.contains(where: Message.breaksHeader) else {
        throw .unsendable("the value of {\(name)} is too long or holds a control character")
      }
    }
    for name in template.requiredPlaceholders.subtracting(Placeholder.ofRows)
    where values[name.rawValue, default: ""].isEmpty {
      throw .unsendable("{\(name.rawValue)} has no value")
    }
    return try Message(
      recipient: recipient, subject: text.subject.filled(with: values) ?? "",
      body: text.body.flatMap { Self.lines($0, values, rows) }.map { $0 + "\n" }.joined())
  }

  private static func lines(
    _ line: TemplateText.Line, _ values: [String: String], _ rows: [[String: String]]
  ) -> [String] {
    guard !Placeholder.ofRows.isDisjoint(with: line.placeholders) else {
      return [line.filled(with: values)].compactMap { $0 }
    }
    return rows.compactMap { row in line.filled(with: values.merging(row) { $1 }) }
  }
}

/// A template that cannot be used. `line` counts from 1; 0 stands for the file as a whole.
public struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  public let file: String
  public let line: Int
  public let reason: String

  public var description: String { line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)" }
}
