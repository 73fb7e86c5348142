/// An entry of a search result: its DN and the values of the attributes that were asked for and may be read.
public struct Entry: Equatable, Sendable {
  public let dn: String
  /// Keyed by the lower-cased attribute name: servers answer in the schema's spelling, whatever was asked.
  private let attributes: [String: [[UInt8]]]

  init(dn: String, attributes: [String: [[UInt8]]]) {
    self.dn = dn
    self.attributes = attributes
  }

  public func values(_ attribute: Attribute) -> [[UInt8]] { attributes[attribute.name.lowercased()] ?? [] }

  /// The value of a single-valued attribute.
  public func value(_ attribute: Attribute) -> [UInt8]? { values(attribute).first }

  public func string(_ attribute: Attribute) -> String? {
    value(attribute).flatMap { String(validating: $0, as: UTF8.self) }
  }
}

/// One change of a MODIFY, or one attribute of an ADD.
struct Modification: Equatable, Sendable {
  enum Operation: Sendable { case add, delete, replace }
  let operation: Operation
  let attribute: Attribute
  let values: [[UInt8]]

  static func set(_ attribute: Attribute, _ value: [UInt8]) -> Modification {
    Modification(operation: .replace, attribute: attribute, values: [value])
  }
  static func set(_ attribute: Attribute, _ value: String) -> Modification { set(attribute, Array(value.utf8)) }

  /// Idempotent, unlike a delete of an absent attribute, which fails the whole MODIFY with noSuchAttribute.
  static func clear(_ attribute: Attribute) -> Modification {
    Modification(operation: .replace, attribute: attribute, values: [])
  }
  static func add(_ attribute: Attribute, _ values: [[UInt8]]) -> Modification {
    Modification(operation: .add, attribute: attribute, values: values)
  }
  static func add(_ attribute: Attribute, _ value: String) -> Modification { add(attribute, [Array(value.utf8)]) }
  static func delete(_ attribute: Attribute, _ values: [[UInt8]]) -> Modification {
    Modification(operation: .delete, attribute: attribute, values: values)
  }
}

enum Scope: Sendable { case base, subtree }

/// A search operation (RFC 4511, section 4.5.1).
struct Search: Sendable {
  var base: String
  var scope = Scope.subtree
  var filter: Filter
  var attributes: [Attribute]
  /// Entries at the most; those of a page, where there is a cookie.
  var sizeLimit: Int
  /// Asks for a page (RFC 2696): the one that this cookie stands for, the first one where it is empty.
  var cookie: [UInt8]?
}

struct SearchResult: Sendable {
  var entries: [Entry]
  /// False where the size limit, ours or the server's, cut it off.
  var isComplete: Bool
  /// Nil after the last page.
  var cookie: [UInt8]?
}
