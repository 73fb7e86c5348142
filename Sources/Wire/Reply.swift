/// The daemon's answer to one request: its items, each on a line of its own, then the line that decides.
public struct Reply: Sendable, Equatable {
  /// What a client does about it.
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    /// The flow goes on and needs what `word` names.
    case ask = "ASK"
    /// Done.
    case ok = "OK"
    /// The flow is over, refused; `word` is the reason.
    case no = "NO"
    /// Not now. Nothing changed, and the same request is sent again after `after` seconds.
    case later = "LATER"
    /// The request makes no sense here. Nothing changed.
    case err = "ERR"
  }

  public var kind: Kind
  /// What is asked for, what was done, or why not: letters, digits and hyphens.
  public var word: String
  public var fields: [Field]
  /// For people, never to be parsed.
  public var text: String?
  public var items: [Item]

  public init(_ kind: Kind, _ word: String, _ fields: [Field] = [], text: String? = nil, items: [Item] = []) {
    self.kind = kind
    self.word = word
    self.fields = fields
    self.text = text
    self.items = items
  }

  public static func ask(
    _ word: String, _ fields: [Field] = [], text: String? = nil, items: [Item] = []
  ) -> Reply {
    Reply(.ask, word, fields, text: text, items: items)
  }

  public static func ok(
    _ word: String, _ fields: [Field] = [], text: String? = nil, items: [Item] = []
  ) -> Reply {
    Reply(.ok, word, fields, text: text, items: items)
  }

  public static func no(_ reason: String, _ fields: [Field] = [], text: String? = nil) -> Reply {
    Reply(.no, reason, fields, text: text)
  }

  public static func later(_ reason: String, after seconds: Int, text: String? = nil) -> Reply {
    Reply(.later, reason, [Field("after", seconds)], text: text)
  }

  public static func err(_ reason: String, _ fields: [Field] = [], text: String? = nil) -> Reply {
    Reply(.err, reason, fields, text: text)
  }

  public static func err(_ error: RequestError) -> Reply {
    .err(error.word, text: error.text)
  }

  /// The value of the first field of this name.
  public subscript(name: String) -> [UInt8]? {
    fields[name]
  }
}

/// One of the lines before the line that decides: an account of a list, a row of a picture.
public struct Item: Sendable, Equatable {
  public var fields: [Field]
  public var text: String?

  public init(_ fields: [Field] = [], text: String? = nil) {
    self.fields = fields
    self.text = text
  }
}
