import Wire

/// A code that stands in for the authenticator app once.
enum RecoveryCode {
  static let verb = "RECOVERY"
  private static let length = 13

  /// Whether what was typed for the app's code is one: far longer, with blanks and dashes anywhere. Whether it is a right
  /// one is the daemon's to say.
  static func answers(_ ask: Reply, _ typed: [UInt8]) -> Bool {
    let symbols = typed.filter { $0 != 0x20 && $0 != 0x2D }
    let isAlphanumeric = symbols.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }
    return ask.word == "totp" && symbols.count == length && isAlphanumeric
  }

  /// The codes of a reply that ends an enrolment.
  static func shown(by reply: Reply) -> [String] {
    reply.shown("recovery")?.split(separator: ",").map(String.init) ?? []
  }
}
