internal import SignIn

/// What people read, by language: built in for four, and replaced or added to by the files of a folder.
struct Texts: Sendable {
  /// The texts of one language, none missing.
  struct Language: Sendable {
    let tag: LanguageTag
    fileprivate let texts: [Text: String]

    subscript(_ text: Text) -> String { texts[text] ?? text.rawValue }

    func text(for ask: Ask) -> String {
      let question = self[Text(ask.prompt)]
      return ask.refused.map { "\(self[Text($0, of: ask.prompt)]) \(question)" } ?? question
    }

    func support(_ contact: String?) -> String {
      guard let contact else { return self[.support] }
      let parts = self[.supportContact].split(separator: "{contact}", omittingEmptySubsequences: false)
      return parts.joined(separator: contact)
    }
  }

  /// Who does not say gets this one, and who asks for one that is not there.
  let standard: Language
  /// Of the Administrator, and where users find help.
  let contact: String?
  let help: String?
  private let languages: [LanguageTag: Language]

  /// - Parameters:
  ///   - folder: of files `LANGUAGE.txt`. What `nl-BE.txt` lacks is as in `nl`, and what that lacks as in the standard.
  ///   - everywhere: texts that the organisation has in one language, for people of every language.
  init(
    folder: String? = nil, standard name: String = "en", everywhere: [Text: String] = [:], contact: String? = nil,
    help: String? = nil
  ) throws(TextFile.Failure) {
    var files: [LanguageTag: [Text: String]] = [:]
    for (name, bytes) in Self.builtIn {
      if let tag = LanguageTag(name.utf8) { files[tag] = try TextFile(bytes, name: "\(name).txt (built in)").texts }
    }
    if let folder {
      for (tag, file) in try TextFile.folder(folder) { files[tag, default: [:]].merge(file.texts) { $1 } }
    }
    let known = files.keys.map(\.description).sorted().joined(separator: ", ")
    guard let tag = LanguageTag(name.utf8), files[tag] != nil else {
      throw TextFile.Failure(description: "texts.language: there are no texts in \(name); there are some in \(known)")
    }
    let english = files[LanguageTag("en".utf8) ?? tag] ?? [:]
    func whole(_ tag: LanguageTag, else rest: [Text: String]) -> Language {
      var texts = rest
      for range in tag.ranges.reversed() { texts.merge(files[range] ?? [:]) { $1 } }
      return Language(tag: tag, texts: texts.merging(everywhere) { $1 })
    }
    let standard = whole(tag, else: english)
    self.standard = standard
    self.contact = contact
    self.help = help
    languages = Dictionary(uniqueKeysWithValues: files.keys.map { ($0, whole($0, else: standard.texts)) })
  }

  private static let builtIn = [
    ("en", PackageResources.en_txt), ("fr", PackageResources.fr_txt), ("nl", PackageResources.nl_txt),
    ("de", PackageResources.de_txt),
  ]

  /// The language that `lang=` asks for: its tag, or a shorter one of the same language.
  func language(_ tag: [UInt8]?) -> Language {
    guard let ranges = tag.flatMap({ LanguageTag($0) })?.ranges else { return standard }
    return ranges.lazy.compactMap { languages[$0] }.first ?? standard
  }
}
