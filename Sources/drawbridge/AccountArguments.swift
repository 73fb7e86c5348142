import ArgumentParser
import Wire

/// The account that a command is about.
struct AccountArgument: ParsableArguments {
  @Argument(help: "The mail address of the account, or another name that the organisation signs in with.")
  var login: String

  var bytes: [UInt8] { Array(login.utf8) }

  func validate() throws {
    if login.isEmpty { throw ValidationError("LOGIN is empty.") }
  }
}

/// The accounts that a command is about, one after the other.
struct AccountArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The mail addresses of the accounts, or other names that the organisation signs in with; or -, to read them from the standard input, one a line.",
      valueName: "login"))
  var logins: [String]

  private var areRead: Bool { logins.count == 1 && logins.first == "-" }
  var isOne: Bool { logins.count == 1 && !areRead }

  /// For a question.
  var told: String {
    if areRead { return "all accounts on the standard input" }
    return logins.count == 1 ? logins.joined().withoutControls : "\(logins.count) accounts"
  }

  func validate() throws {
    if logins.isEmpty || logins.contains("") { throw ValidationError("LOGIN is empty.") }
    if logins.count > 1, logins.contains("-") { throw ValidationError("- stands alone.") }
  }

  func input() throws(InputError) -> LoginInput {
    areRead ? LoginInput(reader: try LineReader("-"), rest: []) : LoginInput(reader: nil, rest: logins[...])
  }
}

/// Logins one by one: those of the command line, or the lines of the standard input. Empty lines are none.
final class LoginInput {
  private let reader: LineReader?
  private var rest: ArraySlice<String>

  init(reader: LineReader?, rest: ArraySlice<String>) {
    self.reader = reader
    self.rest = rest
  }

  func next() throws(InputError) -> [UInt8]? {
    guard let reader else { return rest.popFirst().map { Array($0.utf8) } }
    while let line = try reader.line() {
      let login = Array(line.last == 0x0D ? line.dropLast() : line[...])
      if !login.isEmpty { return login }
    }
    return nil
  }
}
