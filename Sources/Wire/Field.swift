/// A named value of a request or a reply.
public struct Field: Sendable, Equatable {
  /// Letters, digits and hyphens; a constant of whoever builds the field, never somebody's input.
  public let name: String
  /// Any bytes.
  public let value: [UInt8]

  public init(_ name: String, _ value: [UInt8]) {
    self.name = name
    self.value = value
  }

  public init(_ name: String, _ value: String) {
    self.init(name, Array(value.utf8))
  }

  public init(_ name: String, _ value: Int) {
    self.init(name, String(value))
  }

  /// `name=value`, percent-encoded on both sides, so that no value can end the field that it stands in.
  func encode() -> [UInt8] {
    PercentEncoding.encode(name.utf8) + [ASCII.equals] + PercentEncoding.encode(value)
  }
}

extension [Field] {
  /// The value of the first field of this name.
  public subscript(name: String) -> [UInt8]? {
    first { $0.name == name }?.value
  }
}
