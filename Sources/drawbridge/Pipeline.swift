import Glibc
import Wire

/// Many requests on one connection, up to ``inFlightMax`` ahead of their replies. One that is put off is sent again.
final class Pipeline<Subject> {
  /// The daemon answers in order, and holds no more than the socket does.
  static var inFlightMax: Int { 32 }
  /// So long may everything be put off.
  static var patienceSeconds: Int { 120 }

  private let connection: Connection
  private let handle: (Subject, Reply) -> Void
  private var inFlight: [(subject: Subject, line: [UInt8])] = []
  private var postponed: [(subject: Subject, line: [UInt8])] = []
  private var pauseSeconds = 1
  private var patience = Deadline(seconds: Pipeline.patienceSeconds)

  /// - Parameter handle: takes each reply that is no `LATER`, in whatever order they come.
  init(_ connection: Connection, handle: @escaping (Subject, Reply) -> Void) {
    self.connection = connection
    self.handle = handle
  }

  /// Throws ``Failure/unsendable(_:)`` where the request does not fit a line; the others are not disturbed.
  func send(_ request: Request, about subject: Subject) throws(Failure) {
    let line: [UInt8]
    do throws(RequestError) { line = try request.encode() } catch { throw .unsendable(error) }
    while inFlight.count >= Self.inFlightMax || !postponed.isEmpty { try step() }
    try transmit(subject, line)
  }

  func finish() throws(Failure) {
    while !inFlight.isEmpty || !postponed.isEmpty { try step() }
  }

  private func transmit(_ subject: Subject, _ line: [UInt8]) throws(Failure) {
    inFlight.append((subject, line))
    try connection.send(line)
  }

  private func step() throws(Failure) {
    guard !inFlight.isEmpty else {
      guard !patience.isOver else { throw .busy(path: connection.path, seconds: Self.patienceSeconds) }
      sleep(UInt32(pauseSeconds))
      pauseSeconds = 1
      let again = postponed
      postponed = []
      for (subject, line) in again { try transmit(subject, line) }
      return
    }
    let reply = try connection.reply()
    let (subject, line) = inFlight.removeFirst()
    if reply.kind == .later {
      postponed.append((subject, line))
      pauseSeconds = max(pauseSeconds, reply.afterSeconds)
    } else {
      patience = Deadline(seconds: Self.patienceSeconds)
      handle(subject, reply)
    }
  }
}
