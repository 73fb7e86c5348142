import Wire

/// How an `ASK` is put to a person.
struct Prompt: Equatable {
  /// A line of its own before the prompt, where it says more than the prompt does.
  let text: String?
  let hints: [String]
  let label: String
  let isHidden: Bool
  /// Whether an empty line asks for another mailed code.
  let takesAgain: Bool

  init(_ ask: Reply) {
    label = Self.label(ask.word)
    isHidden = ask["echo"] == Array("off".utf8)
    takesAgain = ask.word == "code"
    hints = Self.hints(ask)
    let left = ask.shown("left").map { " (\($0) left)" } ?? ""
    let said = ask.text?.withoutControls ?? ""
    text = said.isEmpty || (said == label && left.isEmpty) ? nil : said + left
  }

  /// The names of the steps; one that is not known yet is its own name.
  private static func label(_ word: String) -> String {
    switch word {
    case "code": "Code (an empty line sends a new one)"
    case "totp", "enrol": "Code"
    default: word.prefix(1).uppercased() + word.dropFirst().split(separator: "-").joined(separator: " ")
    }
  }

  private static func hints(_ ask: Reply) -> [String] {
    var hints: [String] = []
    if let secret = ask.shown("secret") { hints.append("Secret, to type instead: \(grouped(secret))") }
    if let uri = ask.shown("uri") { hints.append("URI: \(uri)") }
    return hints
  }

  /// Groups of four are what people copy without losing their place.
  private static func grouped(_ secret: String) -> String {
    var groups = ""
    for (index, character) in secret.enumerated() {
      if index > 0, index.isMultiple(of: 4) { groups.append(" ") }
      groups.append(character)
    }
    return groups
  }
}
