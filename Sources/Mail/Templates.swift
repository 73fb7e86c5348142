/// The text of every ``Template``: a first line `Subject: …`, a blank line, and the body.
///
/// A ``Placeholder`` stands in braces; a brace has no other use. Values are put in once and as they are, so a brace in
/// a value means nothing. A line with a placeholder whose value is empty or not given is left out, so that
/// `Help: {support}` shows only where there is support. A line with a placeholder of a list is repeated for each of its
/// rows.
public struct Templates: Sendable {
  public static let fileMaxBytes = 16_384

  /// Of the folder, by the name of a subfolder; those of the folder itself by none.
  private let own: [String: [Template: TemplateText]]
  private let builtIn: [String: [Template: TemplateText]]
  private let standard: String
  private let constants: [String: String]

  /// Reads every `*.txt` in the folder, and in its subfolders, which are named after languages; what it lacks is built in.
  ///
  /// - Parameters:
  ///   - folder: an absolute path, or nil for the built-in texts alone.
  ///   - constants: values for every message, such as `product` and `support`.
  ///   - standard: the language of who prefers none, in lower case.
  /// - Throws: ``TemplateError`` for a folder or file that cannot be read, for a file that is no template's, and for
  ///   a text that ``Templates`` does not describe.
  public init(
    folder: String?, constants: [String: String] = [:], standard: String = "en"
  ) throws(TemplateError) {
    var builtIn: [String: [Template: TemplateText]] = [:]
    for language in BuiltInLanguage.allCases {
      for template in Template.allCases {
        builtIn[language.rawValue, default: [:]][template] = try TemplateText(
          Array(template.text(in: language).utf8), for: template,
          file: "\(language.rawValue)/\(template.rawValue).txt (built in)")
      }
    }
    var own: [String: [Template: TemplateText]] = [:]
    if let folder {
      own[""] = try Self.texts(in: folder)
      for language in try TemplateFolder.languages(in: folder) {
        own[language.lowercased()] = try Self.texts(in: "\(folder)/\(language)")
      }
    }
    self.own = own
    self.builtIn = builtIn
    self.standard = standard.lowercased()
    self.constants = constants
  }

  private static func texts(in folder: String) throws(TemplateError) -> [Template: TemplateText] {
    var texts: [Template: TemplateText] = [:]
    for name in try TemplateFolder.names(in: folder) {
      guard let template = Template(rawValue: String(name.dropLast(4))) else {
        let known = Template.allCases.map { "\($0.rawValue).txt" }.joined(separator: ", ")
        throw TemplateError(file: "\(folder)/\(name)", line: 0, reason: "no message has this name; known are \(known)")
      }
      texts[template] = try TemplateText(
        try TemplateFolder.bytes(of: "\(folder)/\(name)"), for: template, file: "\(folder)/\(name)")
    }
    return texts
  }

  /// A file of the folder itself stands for every language that has none of its own there.
  private func text(of template: Template, _ languages: [String]) -> TemplateText? {
    languages.lazy.compactMap { own[$0]?[template] }.first ?? own[""]?[template]
      ?? (languages + [standard]).lazy.compactMap { builtIn[$0]?[template] ?? own[$0]?[template] }.first
      ?? builtIn[BuiltInLanguage.en.rawValue]?[template]
  }

  /// The message with its placeholders filled.
  ///
  /// - Parameters:
  ///   - values: by the ``Placeholder``'s raw value; they go before the constants.
  ///   - rows: values of a list, by row.
  ///   - languages: tags that the recipient reads, in lower case, the best first.
  /// - Throws: ``MailError/unsendable(_:)`` for a missing code, for a value with a control character or of more than
  ///   1,000 bytes, and for what ``Message`` refuses.
  public func message(
    _ template: Template, to recipient: String, values: [String: String], rows: [[String: String]] = [],
    languages: [String] = []
  ) throws(MailError) -> Message {
    guard let text = text(of: template, languages) else { throw .unsendable("no text for \(template.rawValue)") }
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
