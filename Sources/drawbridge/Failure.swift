import ArgumentParser
import Glibc
import Wire

/// Why a conversation came to no reply. It holds nothing that was typed.
enum Failure: Error, Equatable {
  case unreachable(path: String, errno: Int32)
  case silent(path: String, seconds: Int)
  case closed(path: String)
  case garbage(ReplyError)
  /// A greeting that is not of this version of the protocol.
  case stranger(path: String)
  /// Many requests in a row were put off.
  case busy(path: String, seconds: Int)
  /// What was typed cannot go over the wire.
  case unsendable(RequestError)

  var message: String {
    switch self {
    case .unreachable(let path, EACCES):
      """
      drawbridged cannot be reached at \(path): \(String(cString: strerror(EACCES))).
      The settings `mode` and `group` of its `listen` say who may use this socket; the admin socket is root's.
      """
    case .unreachable(let path, let errno):
      """
      drawbridged cannot be reached at \(path): \(String(cString: strerror(errno))).
      Is it running (systemctl status drawbridged), and does the setting `listen` name this socket?
      """
    case .silent(let path, let seconds): "drawbridged at \(path) has not answered for \(seconds) seconds."
    case .closed(let path): "drawbridged at \(path) has closed the connection (systemctl status drawbridged)."
    case .garbage(let error): "The daemon's reply is none of the protocol: \(error)."
    case .stranger(let path): "What listens at \(path) does not speak version 1 of the Drawbridge protocol."
    case .busy(let path, let seconds):
      "drawbridged at \(path) has put everything off for \(seconds) seconds. What was done so far stays done."
    case .unsendable(let error): "This cannot be sent. \(error.text)"
    }
  }

  /// The numbers of sysexits.h.
  var exitCode: ExitCode {
    switch self {
    case .unreachable, .silent, .closed: ExitCode(EX_UNAVAILABLE)
    case .garbage, .stranger: ExitCode(EX_PROTOCOL)
    case .busy: ExitCode(EX_TEMPFAIL)
    case .unsendable: ExitCode(EX_USAGE)
    }
  }
}

extension ExitCode {
  /// Of several outcomes, the one with the greater number is told.
  mutating func worsen(to other: ExitCode) {
    if other.rawValue > rawValue { self = other }
  }
}

extension Reply {
  /// What the last reply means to whoever started the command. An `ASK` is last where the user gave no answer.
  var exitCode: ExitCode {
    switch kind {
    case .ok: .success
    case .ask, .no: .failure
    case .later: ExitCode(EX_TEMPFAIL)
    case .err: ExitCode(EX_PROTOCOL)
    }
  }
}
