import Foundation
import Testing

@testable import Mail

@Suite struct TemplateTests {
  private let values = [
    "code": "488741", "minutes": "5", "days": "14", "product": "Example SSO", "login": "alice@example.com",
    "support": "help@example.com", "contact": "Jane", "organisation": "acme", "count": "2",
  ]

  private func folder(_ files: [String: String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "templates-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    return folder.path(percentEncoded: false)
  }

  @Test(arguments: Template.allCases)
  func everyBuiltInTextIsAMessage(template: Template) throws {
    let message = try Templates(folder: nil).message(template, to: "alice@example.com", values: values)
    #expect(message.body.contains("\n\nSincerely, Example SSO\n"))
    #expect(message.body.contains("\nHelp: help@example.com\n"))
    #expect(!message.subject.contains("488741"))
    #expect(!message.body.contains("{") && message.body.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 })
    #expect(message.body.contains("488741") == template.rawValue.hasSuffix("-code"))
    #expect(message.body.contains("Nobody will ask you for this code") == template.rawValue.hasSuffix("-code"))
  }

  @Test(arguments: BuiltInLanguage.allCases)
  func everyMessageSaysTheSameInEveryLanguage(language: BuiltInLanguage) throws {
    let rows = [["account": "a@example.com", "date": "2027-01-31"]]
    var given = values
    given["more"] = "17"
    for template in Template.allCases {
      let languages = [language.rawValue]
      let templates = try Templates(folder: nil)
      let message = try templates.message(template, to: "a@x", values: given, rows: rows, languages: languages)
      let english = try templates.message(template, to: "a@x", values: given, rows: rows)
      for value in given.values.sorted() + ["a@example.com", "2027-01-31"] {
        #expect(message.body.contains(value) == english.body.contains(value), "\(template) \(value)")
        #expect(message.subject.contains(value) == english.subject.contains(value), "\(template) \(value)")
      }
      #expect(message.body.split(separator: "\n").allSatisfy { $0.utf8.count <= 130 }, "\(template)")
      #expect((message.body == english.body) == (language == .en))
      #expect(!message.body.contains("{") && !message.subject.contains("{"))
    }
  }

  @Test func aTextIsInTheFirstLanguageThatHasOne() throws {
    let folder = try folder(["reactivated.txt": "Subject: for all\n\nx\n"])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for language in ["nl-BE", "it"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(language)", withIntermediateDirectories: true)
      try "Subject: \(language)\n\nx\n".write(
        toFile: "\(folder)/\(language)/enrolled.txt", atomically: true, encoding: .utf8)
    }
    let templates = try Templates(folder: folder, constants: ["product": "P"], standard: "de")
    func subject(_ template: Template, _ languages: String...) throws -> String {
      try templates.message(template, to: "a@b", values: [:], languages: languages).subject
    }
    #expect(try subject(.enrolled, "nl-be", "nl") == "nl-BE")
    #expect(try subject(.enrolled, "nl") == "Er is een authenticator-app ingesteld voor uw P-account")
    #expect(try subject(.enrolled, "it", "fr") == "it")
    #expect(try subject(.passwordChanged, "it", "fr") == "Le mot de passe de votre compte P a été modifié")
    #expect(try subject(.passwordChanged, "xx") == "Ihr P-Passwort wurde geändert")
    #expect(try subject(.passwordChanged) == "Ihr P-Passwort wurde geändert")
    // What stands in the folder itself is the organisation's, for everybody.
    #expect(try subject(.reactivated, "fr") == "for all")
    try "Subject: x\n\nx\n".write(toFile: "\(folder)/it/unknown.txt", atomically: true, encoding: .utf8)
    #expect(throws: TemplateError.self) { try Templates(folder: folder) }
  }

  @Test func aLineOfAListIsRepeatedForEachOfItsRows() throws {
    let rows = ["a@example.com", "b@example.com"].map { ["account": $0, "date": "2027-01-31"] }
    let templates = try Templates(folder: nil)
    let message = try templates.message(.digest, to: "alice@example.com", values: values, rows: rows)
    #expect(message.subject == "Example SSO: accounts of acme that will be deactivated")
    #expect(message.body.contains("\n\na@example.com  2027-01-31\nb@example.com  2027-01-31\n\n"))
    var long = values
    long["more"] = "17"
    #expect(try templates.message(.digest, to: "a@x", values: long, rows: rows).body.contains("\nand 17 more\n"))
    #expect(throws: MailError.self) {
      try templates.message(.digest, to: "a@x", values: values, rows: [["account": "a\nSubject: b", "date": "x"]])
    }
    let inSubject = try folder(["digest.txt": "Subject: {account}\n\n{account}\n"])
    #expect(throws: TemplateError.self) { try Templates(folder: inSubject) }
  }

  @Test func theCodeIsSentInTheWordsOfTheGuide() throws {
    let message = try Templates(folder: nil).message(.firstLoginCode, to: "alice@example.com", values: values)
    #expect(message.subject == "Example SSO account email verification code")
    #expect(
      message.body.hasPrefix("Verify your email address\n\nThanks for verifying your account! Your code is: 488741\n"))
    #expect(
      message.body.hasSuffix(
        "This message was sent from an unmonitored email address. Please do not reply to this message.\n"))
  }

  @Test func aFileReplacesABuiltInText() throws {
    let folder = try folder([
      "enrolled.txt": "Subject: Ça marche, {login}\r\n\r\nOK {login}{login}\r\n", "README": "{x}",
    ])
    let templates = try Templates(folder: folder, constants: ["product": "Brand"])
    let message = try templates.message(.enrolled, to: "a@b", values: ["login": "{product}"])
    #expect(message.subject == "Ça marche, {product}")  // a value is not looked at again
    #expect(message.body == "OK {product}{product}\n")
    #expect(try templates.message(.reactivated, to: "a@b", values: [:]).body.contains("Sincerely, Brand"))
  }

  @Test(arguments: [
    ("enrolled.txt", "Hello", "/enrolled.txt:1: the first line must be"),
    ("enrolled.txt", "Subject: x\nHello", "/enrolled.txt:2: the second line must be blank"),
    ("enrolled.txt", "", "/enrolled.txt:1: "),
    (
      "enrolled.txt", "Subject: x\n\nHi\n{logn}",
      "/enrolled.txt:4: unknown placeholder {logn}; known here are {contact} {login} {product} {support}"
    ),
    ("enrolled.txt", "Subject: x\n\n{code}", "/enrolled.txt:3: unknown placeholder {code}"),
    ("enrolled.txt", "Subject: {code}\n\nx", "/enrolled.txt:1: unknown placeholder {code}"),
    ("enrolled.txt", "Subject: x\n\n{", "/enrolled.txt:3: a brace"),
    ("enrolled.txt", "Subject: x\n\n}", "/enrolled.txt:3: a brace"),
    ("enrolled.txt", "Subject: x\n\n\u{1B}[31m", "/enrolled.txt:3: a control character"),
    ("enrolled.txt", "Subject: x\ty\n\nz", ""),
    (
      "first-login-code.txt", "Subject: {code}\n\n{code}",
      "/first-login-code.txt:1: {code} must not stand in the subject"
    ),
    ("first-login-code.txt", "Subject: x\n\nNo code", "/first-login-code.txt: {code} is missing"),
    (
      "first-login.txt", "Subject: x\n\n{code}",
      "/first-login.txt: no message has this name; known are first-login-code.txt,"
    ),
    (
      "enrolled.txt", "Subject: x\n\n" + String(repeating: "x", count: 20_000), "/enrolled.txt: longer than 16384 bytes"
    ),
  ])
  func aTextThatCannotWorkIsRefusedWhenItIsLoaded(name: String, text: String, expected: String) throws {
    let folder = try folder([name: text])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard !expected.isEmpty else {
      _ = try Templates(folder: folder)
      return
    }
    let error = #expect(throws: TemplateError.self) { try Templates(folder: folder) }
    #expect(error?.description.hasPrefix(folder + expected) == true, "\(String(describing: error))")
  }

  @Test func aFolderThatIsNotThereIsNamed() {
    #expect(throws: TemplateError(file: "/nonexistent", line: 0, reason: "No such file or directory")) {
      try Templates(folder: "/nonexistent")
    }
  }

  @Test func aLineWithoutItsValueIsLeftOut() throws {
    let message = try Templates(folder: nil, constants: ["product": "P"])
      .message(.passwordChanged, to: "a@b", values: ["login": "alice", "support": ""])
    #expect(!message.body.contains("Help:") && !message.body.contains("Administrator:"))
  }

  @Test(arguments: ["a\nb", "a\r\nb", "\0", "\u{85}", String(repeating: "x", count: 1_001)])
  func aValueStaysOnItsLine(value: String) throws {
    #expect(throws: MailError.self) {
      try Templates(folder: nil).message(.enrolled, to: "a@b", values: ["login": value, "product": "P"])
    }
  }

  @Test func noCodeIsNoMessage() throws {
    #expect(throws: MailError.unsendable("{code} has no value")) {
      try Templates(folder: nil).message(.firstLoginCode, to: "a@b", values: ["product": "P"])
    }
  }
}
