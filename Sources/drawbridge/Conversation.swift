import Glibc
import Wire

/// The loop of a client: send a line; while the reply asks, show it, and send what the user typed.
///
/// It knows no flow, only the five kinds of reply. A step that a daemon invents tomorrow is asked like the others.
struct Conversation {
  static let laterMax = 5
  static let laterMaxSeconds = 60

  let connection: Connection
  let terminal: Terminal

  /// Connects, and hears the greeting.
  init(socket path: String, terminal: Terminal) throws(Failure) {
    connection = try Connection(path: path)
    self.terminal = terminal
    let greeting = try connection.reply()
    if greeting.kind == .ok, greeting.word == "ready", greeting["protocol"] == Array("1".utf8) { return }
    throw .stranger(path: path)
  }

  /// The reply that ends what the request began. An `ASK` is the last one only where the user gave no answer.
  func run(_ request: Request) throws(Failure) -> Reply {
    var reply = try exchange(encode(request))
    var hasPicture = false
    while reply.kind == .ask {
      if reply.word == "enrol", !hasPicture {
        hasPicture = true
        let picture = try exchange(encode(.qr(.text)))
        show(picture.items)
        // `OK` is the picture alone, and an `ERR` none; anything else is about the flow.
        if picture.kind == .ask || picture.kind == .no { reply = picture }
        if picture.kind == .no { break }
      }
      guard let line = try answer(to: reply) else {
        _ = try? exchange(encode(.cancel))
        break
      }
      let ask = reply
      reply = line.isEmpty ? try connection.reply() : try exchange(line)
      // The flow stands where it stood: this step takes the app's code alone.
      if reply.word == "out-of-turn", line.starts(with: RecoveryCode.verb.utf8) {
        terminal.tell("A recovery code is not taken here.", .warning)
        reply = ask
      }
    }
    return reply
  }

  /// A request whose items are handed over as they come; tried again only while none has come.
  func run(_ request: Request, items: (Item) -> Void) throws(Failure) -> Reply {
    let line = try encode(request)
    var tries = 0
    while true {
      try connection.send(line)
      var hasItems = false
      let reply = try connection.reply { item in
        hasItems = true
        items(item)
      }
      guard reply.kind == .later, !hasItems, tries < Self.laterMax else { return reply }
      tries += 1
      wait(for: reply, tries)
    }
  }

  /// Sends a line until the daemon has time for it.
  private func exchange(_ line: [UInt8]) throws(Failure) -> Reply {
    var tries = 0
    while true {
      try connection.send(line)
      let reply = try connection.reply()
      guard reply.kind == .later, tries < Self.laterMax else { return reply }
      tries += 1
      wait(for: reply, tries)
    }
  }

  private func wait(for later: Reply, _ tries: Int) {
    let seconds = later.afterSeconds
    let why = later.text?.withoutControls ?? "Not now (\(later.word))."
    terminal.tell("\(why) Trying again in \(seconds) s (\(tries) of \(Self.laterMax)).", .warning)
    sleep(UInt32(seconds))
  }

  /// The line that answers, an empty one where the daemon did not wait for it, or nil where the input has ended.
  private func answer(to ask: Reply) throws(Failure) -> [UInt8]? {
    let prompt = Prompt(ask)
    if let text = prompt.text { terminal.tell(text, ask["refused"] == nil ? .plain : .warning) }
    for line in prompt.hints { terminal.tell(line) }
    switch terminal.ask(prompt.label, hidden: prompt.isHidden, unlessReadable: connection.descriptor) {
    case .end: return nil
    case .interrupted: return []
    case .tooLong: throw .unsendable(.lineTooLong)
    case .line(let typed):
      if typed.isEmpty, prompt.takesAgain { return try encode(.answer(.again)) }
      let verb = RecoveryCode.answers(ask, typed) ? RecoveryCode.verb : ask.word.uppercased()
      let line = Array("\(verb) ".utf8) + typed
      guard line.count <= LineLimit.lineMaxBytes else { throw .unsendable(.lineTooLong) }
      // A CR at the end would be dropped on its way, and an LF be the beginning of another request.
      guard !typed.contains(where: { $0 == 0x00 || $0 == 0x0A || $0 == 0x0D }) else { throw .unsendable(.badByte) }
      return line + [0x0A]
    }
  }

  private func show(_ picture: [Item]) {
    for row in picture { terminal.tell(row.text?.withoutControls ?? "") }
  }

  private func encode(_ request: Request) throws(Failure) -> [UInt8] {
    do throws(RequestError) {
      return try request.encode()
    } catch {
      throw .unsendable(error)
    }
  }

}

extension Reply {
  /// How long a `LATER` asks to wait, within bounds.
  var afterSeconds: Int {
    let asked = self["after"].flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 1
    return min(max(asked, 1), Conversation.laterMaxSeconds)
  }
}
