import ArgumentParser
import Glibc
import Wire

extension Terminal {
  /// Runs a request to its end. What keeps it from one is told, and thrown as its exit code.
  func converse(_ request: Request, at path: String) throws(ExitCode) -> Reply {
    try attempt { () throws(Failure) in try Conversation(socket: path, terminal: self).run(request) }
  }

  /// Runs work that talks to the daemon. What keeps it from its end is told, and thrown as its exit code.
  func attempt<Value>(_ work: () throws(Failure) -> Value) throws(ExitCode) -> Value {
    do throws(Failure) {
      return try work()
    } catch {
      throw exitCode(telling: error)
    }
  }

  func exitCode(telling failure: Failure) -> ExitCode {
    tell(failure.message.withShownLines, .bad)
    return failure.exitCode
  }

  /// Runs work that reads an input.
  func reading<Value>(_ work: () throws(InputError) -> Value) throws(ExitCode) -> Value {
    do throws(InputError) { return try work() } catch {
      tell(error.text.withoutControls, .bad)
      throw error.exitCode
    }
  }

  /// Runs work on the file of a session.
  func keeping<Value>(_ work: () throws(SessionFile.Failure) -> Value) throws(ExitCode) -> Value {
    do throws(SessionFile.Failure) { return try work() } catch {
      tell(error.text.withoutControls, .bad)
      throw ExitCode(EX_CANTCREAT)
    }
  }

  /// The end of a flow, for the person who walked it.
  func showEnd(_ reply: Reply) {
    guard reply.kind == .ok else { return refuse(reply) }
    say(reply.text?.withoutControls ?? reply.word, .good)
    if let previous = reply.shown("previous") { say("Previous sign-in: \(previous)") }
    let codes = RecoveryCode.shown(by: reply)
    guard !codes.isEmpty else { return }
    say("Your recovery codes. They are shown this once: keep them where your phone is not.", .bold)
    for code in codes { say("  \(code)") }
    say("Each can be entered once in place of the authenticator app's code.")
  }

  /// Why a request came to nothing.
  func refuse(_ reply: Reply) {
    switch reply.kind {
    case .ask: tell("Cancelled.", .warning)
    case .err: tell("The daemon does not take this request (\(reply.word)). \(reply.text?.withoutControls ?? "")", .bad)
    case .later: tell("\(reply.text?.withoutControls ?? "Not now (\(reply.word)).") Try again later.", .bad)
    case .ok, .no: tell(reply.text?.withoutControls ?? reply.word, .bad)
    }
    if let contact = reply.shown("contact") { tell("Contact: \(contact)") }
  }
}

extension String {
  /// Without controls, but with its own line breaks.
  var withShownLines: String {
    split(separator: "\n").map { String($0).withoutControls }.joined(separator: "\n")
  }
}
