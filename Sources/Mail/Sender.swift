/// Who messages are from: an address, and the name that mail readers show.
public struct Sender: Sendable, Equatable {
  public let address: String
  public let name: String?

  /// - Throws: ``MailError/unsendable(_:)`` where the address is none (``Message/isAddress(_:)``), or where the name is
  ///   empty, longer than 200 bytes, or holds a control character.
  public init(address: String, name: String?) throws(MailError) {
    guard Message.isAddress(address) else { throw .unsendable("the sender is no plain address") }
    if let name {
      guard 1...200 ~= name.utf8.count, !name.unicodeScalars.contains(where: Message.breaksHeader) else {
        throw .unsendable("the sender's name is empty, too long, or holds a control character")
      }
    }
    self.address = address
    self.name = name
  }
}
