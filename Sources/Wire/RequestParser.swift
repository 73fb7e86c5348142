extension Request {
  /// The request that a line holds, by the grammar of `docs/protocol.md`.
  ///
  /// - Parameter line: the bytes before the LF. One CR at their end is dropped here; a transport need not.
  ///   Its length is bounded by the transport (``LineLimit/lineMaxBytes``); the work is linear in it.
  public static func parse(_ line: [UInt8]) throws(RequestError) -> Request {
    let line = line[...].droppingLastCR()
    guard !line.holdsLineBreak else { throw .badByte }
    let verb = line.prefix { $0 != ASCII.space }
    guard ASCII.isToken(verb) else { throw .unknownVerb }
    // Nil and empty differ: `PING` is complete, `PING ` has an empty argument.
    let rest = verb.count == line.count ? nil : line.dropFirst(verb.count + 1)
    let name = String(decoding: verb.map(ASCII.uppercased), as: UTF8.self)

    if let answer = try Answer(verb: name, rest: rest) { return .answer(answer) }
    guard line.allSatisfy({ $0 < 0x80 }) else { throw .badByte }
    var arguments = Arguments(rest)
    let request = try Request(verb: name, arguments: &arguments)
    try arguments.end()
    return request
  }

  private init(verb: String, arguments: inout Arguments) throws(RequestError) {
    if let flow = Flow(rawValue: verb) {
      self = .open(flow, login: try arguments.next(), context: try Context(&arguments))
      return
    }
    if let admin = try Admin(verb: verb, arguments: &arguments) {
      self = .admin(admin)
      return
    }
    switch verb {
    case "QR": self = .qr(try arguments.choice() ?? .text)
    case "CANCEL": self = .cancel
    case "PARK": self = .park
    case "RESUME": self = .resume(ticket: try arguments.next())
    case "SUPPORT": self = .support(lang: try arguments.fields(["lang"])["lang"])
    case "HELP": self = .help
    case "PING": self = .ping
    case "QUIT": self = .quit
    case "ACCOUNT":
      let login = try arguments.next()
      guard let service = try arguments.fields(["service"]).first else { throw .missingArgument }
      self = .account(login: login, service: service.value)
    case "SESSION":
      let token = try arguments.next()
      self = .session(token: token, service: try arguments.fields(["service"])["service"])
    case "SIGNOUT": self = .signOut(token: try arguments.next())
    case "JWKS": self = .keySet
    default: throw .unknownVerb
    }
  }
}

extension Request.Answer {
  /// Nil where the verb is no answer's. The rest of the line is the answer, spaces and all; none at all is an empty one.
  fileprivate init?(verb: String, rest: ArraySlice<UInt8>?) throws(RequestError) {
    let bytes = Array(rest ?? [])
    switch verb {
    case "PASSWORD": self = .password(bytes)
    case "CODE": self = .code(bytes)
    case "AGAIN":
      guard rest == nil else { throw .unexpectedArgument }
      self = .again
    case "NEW-PASSWORD": self = .newPassword(bytes)
    case "CONFIRM-PASSWORD": self = .confirmPassword(bytes)
    case "TOTP": self = .totp(bytes)
    case "RECOVERY": self = .recovery(bytes)
    case "COMBINED": self = .combined(bytes)
    case "ENROL": self = .enrol(bytes)
    default: return nil
    }
    let fits = isText ? String(validating: bytes, as: UTF8.self) != nil : bytes.allSatisfy { $0 < 0x80 }
    guard fits else { throw .badByte }
  }
}

extension Request.Context {
  fileprivate init(_ arguments: inout Arguments) throws(RequestError) {
    self.init()
    for field in try arguments.fields(["from", "service", "lang", "can"]) {
      switch field.name {
      case "from": from = field.value
      case "service": service = field.value
      case "lang": lang = field.value
      default: can = try Self.capabilities(field.value)
      }
    }
  }

  private static func capabilities(_ list: [UInt8]) throws(RequestError) -> Set<Request.Capability> {
    var can: Set<Request.Capability> = []
    for name in list.split(separator: ASCII.comma) {
      guard let capability = choice(name, of: Request.Capability.self) else { throw .unknownCapability }
      can.insert(capability)
    }
    return can
  }
}

/// The words after a verb, taken from the left.
struct Arguments {
  private var words: ArraySlice<ArraySlice<UInt8>>

  init(_ rest: ArraySlice<UInt8>?) {
    words = rest.map { $0.split(separator: ASCII.space, omittingEmptySubsequences: false)[...] } ?? []
  }

  /// The next argument, decoded. A word with a raw `=` is a field, so the argument before it is missing.
  mutating func next() throws(RequestError) -> [UInt8] {
    guard let word = words.popFirst(), !word.isEmpty, !word.contains(ASCII.equals) else { throw .missingArgument }
    guard let argument = PercentEncoding.decode(word) else { throw .badEncoding }
    return argument
  }

  /// The next argument as one of a few words, or nil where there is none.
  mutating func choice<Choice: RawRepresentable<String>>(
    of type: Choice.Type = Choice.self
  ) throws(RequestError) -> Choice? {
    guard let word = words.first, !word.contains(ASCII.equals) else { return nil }
    words = words.dropFirst()
    guard let choice = Wire.choice(word, of: type) else { throw .unexpectedArgument }
    return choice
  }

  /// All that is left, as fields of these names, each once at the most.
  mutating func fields(_ names: [String]) throws(RequestError) -> [Field] {
    var fields: [Field] = []
    while let word = words.popFirst() {
      guard let equals = word.firstIndex(of: ASCII.equals) else { throw .unexpectedArgument }
      guard let name = names.first(where: { $0.utf8.elementsEqual(word[..<equals]) }) else { throw .unknownField }
      guard !fields.contains(where: { $0.name == name }) else { throw .repeatedField }
      guard let value = PercentEncoding.decode(word[equals...].dropFirst()) else { throw .badEncoding }
      fields.append(Field(name, value))
    }
    return fields
  }

  func end() throws(RequestError) {
    guard words.isEmpty else { throw .unexpectedArgument }
  }
}

private func choice<Choice: RawRepresentable<String>>(_ word: ArraySlice<UInt8>, of: Choice.Type) -> Choice? {
  // Only tokens become a String, whose equality would let other spellings in.
  ASCII.isToken(word) ? Choice(rawValue: String(decoding: word, as: UTF8.self)) : nil
}
