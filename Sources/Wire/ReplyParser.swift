/// Why a line is no part of a reply. The connection is of no use any more.
public enum ReplyError: Error, Sendable, Equatable {
  /// A NUL, a CR or LF inside the line, a byte above 0x7F outside of the text, or a text that is not UTF-8.
  case badByte
  case lineTooLong
  /// Neither an item nor one of the five kinds with its word.
  case malformed
  /// A `%` without two hexadecimal digits after it.
  case badEncoding
  case tooManyItems
}

/// Puts a reply together from its lines, for clients.
public struct ReplyParser: Sendable {
  /// The items of one reply; one more is ``ReplyError/tooManyItems``.
  public let itemsMax: Int
  private var items: [Item] = []

  public init(itemsMax: Int = 10_000) {
    self.itemsMax = itemsMax
  }

  /// The reply that the line completes, or nil after an item.
  ///
  /// - Parameter line: the bytes before the LF. One CR at their end is dropped here.
  ///   After an error the items so far are forgotten.
  public mutating func take(_ line: [UInt8]) throws(ReplyError) -> Reply? {
    do throws(ReplyError) {
      var (words, text) = try Self.split(line)
      guard let head = words.popFirst() else { throw .malformed }
      if head.elementsEqual([ASCII.star]) {
        guard items.count < itemsMax else { throw .tooManyItems }
        items.append(Item(try words.map(Self.field), text: text))
        return nil
      }
      guard let kind = Reply.Kind.allCases.first(where: { $0.rawValue.utf8.elementsEqual(head) }),
        let word = words.popFirst(), ASCII.isToken(word)
      else { throw .malformed }
      let fields = try words.map(Self.field)
      defer { items = [] }
      return Reply(kind, String(decoding: word, as: UTF8.self), fields, text: text, items: items)
    } catch {
      items = []
      throw error
    }
  }

  /// Hands over the items that came so far: for a list that is shown as it comes, however long it gets.
  public mutating func takeItems() -> [Item] {
    defer { items = [] }
    return items
  }

  /// The words of a line, and its text: all that follows the first `:` at the beginning of a word.
  private static func split(
    _ line: [UInt8]
  ) throws(ReplyError) -> (words: ArraySlice<ArraySlice<UInt8>>, text: String?) {
    guard line.count <= LineLimit.lineMaxBytes else { throw .lineTooLong }
    let line = line[...].droppingLastCR()
    guard !line.holdsLineBreak else { throw .badByte }
    var words = line
    var text: String?
    if let colon = zip(line.indices, line.indices.dropFirst()).first(where: {
      line[$0] == ASCII.space && line[$1] == ASCII.colon
    }) {
      words = line[..<colon.0]
      text = String(validating: line[colon.1...].dropFirst(), as: UTF8.self)
      guard text != nil else { throw .badByte }
    }
    guard words.allSatisfy({ $0 < 0x80 }) else { throw .badByte }
    return (words.split(separator: ASCII.space, omittingEmptySubsequences: false)[...], text)
  }

  private static func field(_ word: ArraySlice<UInt8>) throws(ReplyError) -> Field {
    guard let equals = word.firstIndex(of: ASCII.equals), ASCII.isToken(word[..<equals]) else { throw .malformed }
    guard let value = PercentEncoding.decode(word[equals...].dropFirst()) else { throw .badEncoding }
    return Field(String(decoding: word[..<equals], as: UTF8.self), value)
  }
}
