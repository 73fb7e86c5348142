import Wire

/// What the daemon knows of its keys, read from the reply to `KEYS`.
struct KeyReport {
  struct Key {
    let id: UInt32
    let state: String
    let secrets: Int
    let recoveryCodes: Int
    let mailedCodes: Int
    var all: Int { secrets + recoveryCodes + mailedCodes }
  }

  let keys: [Key]
  let active: UInt32
  /// So long may a session, a ticket or a mailed code be good.
  let tokenSeconds: Int

  /// Nil where it is no such reply.
  init?(_ reply: Reply) {
    guard reply.kind == .ok, let active = reply["active"].flatMap(Self.number).flatMap(UInt32.init(exactly:)) else {
      return nil
    }
    self.active = active
    tokenSeconds = reply["token-seconds"].flatMap(Self.number) ?? 0
    keys = reply.items.compactMap { item in
      guard let id = item.fields["key"].flatMap(Self.number).flatMap(UInt32.init(exactly:)) else { return nil }
      func count(_ name: String) -> Int { item.fields[name].flatMap(Self.number) ?? 0 }
      return Key(
        id: id, state: item.fields["state"]?.shown ?? "", secrets: count("secrets"),
        recoveryCodes: count("recovery-codes"), mailedCodes: count("mailed-codes"))
    }
  }

  static func number(_ bytes: [UInt8]) -> Int? { Int(String(decoding: bytes, as: UTF8.self)) }
}
