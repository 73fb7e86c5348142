import Foundation
import SignIn
import Testing

@testable import SignInServer

@Suite("Texts") struct TextTests {
  private func folder(_ files: [String: String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "texts-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    return folder.path(percentEncoded: false)
  }

  private static let builtIn = [
    ("en", PackageResources.en_txt), ("fr", PackageResources.fr_txt), ("nl", PackageResources.nl_txt),
    ("de", PackageResources.de_txt),
  ]

  @Test("are all there in each built-in language, with what stands in braces", arguments: builtIn)
  func complete(name: String, bytes: [UInt8]) throws {
    let texts = try TextFile(bytes, name: name).texts
    for text in Text.allCases { #expect(texts[text] != nil, "\(name): \(text.rawValue)") }
    // A translation that was forgotten stands there in English.
    let english = try TextFile(PackageResources.en_txt, name: "en").texts
    for text in Text.allCases { #expect(name == "en" || texts[text] != english[text], "\(name): \(text.rawValue)") }
  }

  @Test("say in English, word for word, what the guide says")
  func guide() throws {
    let texts = try Texts().standard
    #expect(
      texts[.deactivated]
        == "Your account has been deactivated due to inactivity. "
        + "Contact your organisation's Administrator to reactivate it.")
    #expect(texts.text(for: Ask(.password, refused: .wrong, left: 4)) == "Wrong password. Password")
  }

  @Test(
    "are in the closest language that is there",
    arguments: [
      ("fr", "fr"), ("fr-BE", "fr"), ("FR-be-x-y", "fr"), ("nl-BE", "nl-be"), ("nl-NL", "nl"), ("it", "it"),
      ("de-1996", "de"), ("xx", "nl"), ("", "nl"), ("fr_BE", "nl"), ("f r", "nl"), ("-fr", "nl"), ("fr-", "nl"),
      ("fr;q=1", "nl"), ("../fr", "nl"), ("fr\0", "nl"), ("é", "nl"), ("fr-toolongsubtag", "nl"),
      ("fr" + String(repeating: "-abcdefgh", count: 4), "nl"),
    ])
  func closest(tag: String, expected: String) throws {
    let folder = try folder([
      "nl-BE.txt": "ask.password = Paswoord\n", "it.txt": "ask.password = Password (it)\n", "README": "x",
    ])
    let texts = try Texts(folder: folder, standard: "nl")
    #expect(texts.language(Array(tag.utf8)).tag.description == expected)
    #expect(texts.language(nil).tag.description == "nl")
  }

  @Test("of a folder replace built-in ones, and what they lack is as in the next language")
  func replaced() throws {
    let folder = try folder([
      "fr.txt": "# ours\n\nask.password = Mot secret\r\nsupport.contact=Appelez {contact} !\n",
      "fr-BE.txt": "ask.totp = Septante\n", "it.txt": "ask.password = Parola\n",
    ])
    let texts = try Texts(folder: folder, standard: "de", everywhere: [.deactivated: "Ours."], contact: "Jane")
    let french = texts.language(Array("fr".utf8))
    #expect(french[.askPassword] == "Mot secret")
    #expect(french[.signedIn] == "Vous êtes connecté.")
    #expect(french.support("Jane") == "Appelez Jane !")
    let belgian = texts.language(Array("fr-be".utf8))
    #expect(belgian[.askTOTP] == "Septante" && belgian[.askPassword] == "Mot secret")
    let italian = texts.language(Array("it".utf8))
    #expect(italian[.askPassword] == "Parola" && italian[.signedIn] == "Sie sind angemeldet.")
    for language in [french, belgian, italian, texts.standard] { #expect(language[.deactivated] == "Ours.") }
  }

  @Test(
    "of a file that cannot be meant so are refused at the start",
    arguments: [
      ("fr.txt", "ask.pasword = x", "fr.txt:1: no text is called ask.pasword"),
      ("fr.txt", "\nask.password", "fr.txt:2: `key = text` is missing its ="),
      ("fr.txt", "ask.password =  ", "fr.txt:1: a text has 1 to 300 bytes and no control characters"),
      ("fr.txt", "ask.password = \u{1B}[31m", "fr.txt:1: a text has 1 to 300 bytes and no control characters"),
      ("fr.txt", "ask.password = x\nask.password = y", "fr.txt:2: ask.password stands there twice"),
      ("fr.txt", "ask.password = {contact}", "fr.txt:1: a brace"),
      ("fr.txt", "support.contact = x", "fr.txt:1: {contact} must stand there once, and no other brace"),
      ("fr.txt", "support.contact = {contact} {contact}", "fr.txt:1: {contact} must stand there once"),
      ("french_.txt", "", "french_.txt: its name is no language's"),
    ])
  func refused(name: String, text: String, expected: String) throws {
    let folder = try folder([name: text])
    let error = #expect(throws: TextFile.Failure.self) { try Texts(folder: folder) }
    #expect(error?.description.hasPrefix("\(folder)/\(expected)") == true, "\(String(describing: error))")
  }

  @Test("need a standard language that is there")
  func standard() throws {
    let error = #expect(throws: TextFile.Failure.self) { try Texts(standard: "it") }
    #expect(
      error?.description == "texts.language: there are no texts in it; there are some in de, en, fr, nl")
    #expect(throws: TextFile.Failure.self) { try Texts(folder: "/nonexistent") }
  }

  @Test(
    "of mails follow the order of an entry's preferences",
    arguments: [
      ("fr, en-gb;q=0.8, en;q=0.7", ["fr", "en-gb", "en"]), ("en;q=0.5,FR", ["fr", "en"]), ("de", ["de"]),
      ("nl;q=0,de;q=0.001", ["de"]), ("*, fr", ["fr"]), ("", []), (",,;q=1, ;", []), ("fr;q=x,en", ["fr", "en"]),
    ])
  func preferences(value: String, expected: [String]) {
    #expect(LanguageTag.preferences(Array(value.utf8)).map(\.description) == expected)
  }
}
