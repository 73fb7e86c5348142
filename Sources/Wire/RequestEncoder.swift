extension Request {
  /// The request as a client sends it, its LF included.
  ///
  /// Throws ``RequestError/badByte`` for an answer that a line cannot hold, since it stands there verbatim, and
  /// ``RequestError/lineTooLong``. Nothing is ever cut: half a password is another password.
  public func encode() throws(RequestError) -> [UInt8] {
    let line = line
    guard line.count <= LineLimit.lineMaxBytes else { throw .lineTooLong }
    if case .answer = self {
      // A CR at the end would be dropped on the other side, and another password arrive.
      guard line.last != ASCII.cr, try Request.parse(line) == self else { throw .badByte }
    }
    return line + [ASCII.lf]
  }

  private var line: [UInt8] {
    switch self {
    case .open(let flow, let login, let context): return Self.line(flow.rawValue, login, context.fields)
    case .answer(.again): return Self.line(Answer.again.verb)
    case .answer(let answer): return Self.line(answer.verb) + [ASCII.space] + answer.bytes
    case .qr(let style): return Self.line("QR \(style.rawValue)")
    case .cancel: return Self.line("CANCEL")
    case .park: return Self.line("PARK")
    case .resume(let ticket): return Self.line("RESUME", ticket)
    case .support(let lang): return Self.line("SUPPORT", nil, lang.map { [Field("lang", $0)] } ?? [])
    case .help: return Self.line("HELP")
    case .ping: return Self.line("PING")
    case .quit: return Self.line("QUIT")
    case .account(let login, let service): return Self.line("ACCOUNT", login, [Field("service", service)])
    case .session(let token, let service):
      return Self.line("SESSION", token, service.map { [Field("service", $0)] } ?? [])
    case .signOut(let token): return Self.line("SIGNOUT", token)
    case .keySet: return Self.line("JWKS")
    case .admin(let admin): return admin.line
    }
  }

  static func line(_ words: String, _ login: [UInt8]? = nil, _ fields: [Field] = []) -> [UInt8] {
    var line = Array(words.utf8)
    if let login { line += [ASCII.space] + PercentEncoding.encode(login) }
    for field in fields { line += [ASCII.space] + field.encode() }
    return line
  }
}

extension Request.Context {
  fileprivate var fields: [Field] {
    var fields: [Field] = []
    if let from { fields.append(Field("from", from)) }
    if let service { fields.append(Field("service", service)) }
    if let lang { fields.append(Field("lang", lang)) }
    if let can { fields.append(Field("can", can.map(\.rawValue).sorted().joined(separator: ","))) }
    return fields
  }
}
