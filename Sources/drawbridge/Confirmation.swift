import ArgumentParser
import Glibc

/// Asks before something that is not easily taken back.
struct Confirmation: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Do not ask. Needed where there is no terminal to ask on.")
  var yes = false

  /// Throws the exit code where the answer is no, or nobody can be asked.
  func obtain(_ question: String, on terminal: Terminal) throws(ExitCode) {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      terminal.tell("There is no terminal to ask on: --yes is needed.", .bad)
      throw ExitCode(EX_USAGE)
    }
    let answer = terminal.ask("\(question) [y/N]", hidden: false, unlessReadable: -1)
    if case .line(let typed) = answer, ["y", "yes"].contains(where: { $0.utf8.elementsEqual(typed.map { $0 | 0x20 }) })
    {
      return
    }
    terminal.tell("Nothing was done.", .warning)
    throw .failure
  }
}
