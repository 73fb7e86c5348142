/// One LDAPMessage as it stands in the stream (RFC 4511, section 4.1.1): only its frame, its message id, the tag of its
/// operation and the code of its result are understood.
public struct LDAPFrame: Sendable {
  /// The tags of RFC 4511, section 4.2 and on.
  public enum Operation: UInt8, Sendable {
    case bindRequest = 0x60
    case bindResponse = 0x61
    case unbindRequest = 0x42
    case searchRequest = 0x63
    case searchEntry = 0x64
    case searchDone = 0x65
    case modifyRequest = 0x66
    case modifyResponse = 0x67
    case addRequest = 0x68
    case addResponse = 0x69
    case extendedRequest = 0x77
    case extendedResponse = 0x78

    /// What ends this request; nil where nothing does.
    var response: Operation? {
      switch self {
      case .bindRequest: .bindResponse
      case .searchRequest: .searchDone
      case .modifyRequest: .modifyResponse
      case .addRequest: .addResponse
      case .extendedRequest: .extendedResponse
      default: nil
      }
    }
  }

  public private(set) var bytes: [UInt8]
  public private(set) var id: Int
  public let operation: Operation?
  private let body: [UInt8]

  /// Takes the first whole message out of a buffer; nil while it is not whole.
  init?(cutFrom buffer: inout [UInt8]) throws {
    guard buffer.count >= 2 else { return nil }
    guard buffer[0] == 0x30 else { throw FixtureError("no LDAPMessage: \(buffer.prefix(8))") }
    guard let outer = LDAPFrame.content(of: buffer[...]), outer.endIndex <= buffer.count else { return nil }
    guard let number = LDAPFrame.content(of: outer), outer.first == 0x02, number.endIndex < outer.endIndex else {
      throw FixtureError("no message id")
    }
    bytes = Array(buffer[..<outer.endIndex])
    id = number.reduce(0) { $0 << 8 | Int($1) }
    body = Array(outer[number.endIndex...])
    operation = body.first.flatMap { Operation(rawValue: $0) }
    buffer.removeFirst(bytes.count)
  }

  private init(id: Int, body: [UInt8]) {
    self.id = id
    self.body = body
    operation = body.first.flatMap { Operation(rawValue: $0) }
    let number = LDAPFrame.bigEndian(id)
    bytes = LDAPFrame.wrap(0x30, LDAPFrame.wrap(0x02, number) + body)
  }

  /// The result that a server would answer this request with; nil where the request has none.
  public func answer(code: UInt8) -> LDAPFrame? {
    operation?.response.map { LDAPFrame(id: id, body: LDAPFrame.wrap($0.rawValue, [0x0A, 1, code, 0x04, 0, 0x04, 0])) }
  }

  public func numbered(_ id: Int) -> LDAPFrame { LDAPFrame(id: id, body: body) }

  /// An LDAPResult with another code (RFC 4511, section 4.1.9); anything else stays as it is.
  public func recoded(_ code: UInt8) -> LDAPFrame {
    guard let result = LDAPFrame.content(of: body[...]), result.starts(with: [0x0A, 1]) else { return self }
    var changed = body
    changed[result.startIndex + 2] = code
    return LDAPFrame(id: id, body: changed)
  }

  public func holds(_ text: String) -> Bool { bytes.firstRange(of: Array(text.utf8)) != nil }

  /// What a tag and its length stand before; nil where the length itself is not whole. The content may end past the
  /// buffer. BER, definite lengths (X.690, section 8.1.3).
  private static func content(of element: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let lengthAt = element.startIndex + 1
    guard lengthAt < element.endIndex else { return nil }
    let first = Int(element[lengthAt])
    var start = lengthAt + 1
    var length = first
    if first >= 0x80 {
      guard start + first - 0x80 <= element.endIndex else { return nil }
      length = element[start..<(start + first - 0x80)].reduce(0) { $0 << 8 | Int($1) }
      start += first - 0x80
    }
    guard start + length <= element.endIndex else { return nil }
    return element[start..<(start + length)]
  }

  private static func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    if count < 0x80 { return [tag, UInt8(count)] + content }
    let length = bigEndian(count)
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }

  /// Of a number that is not negative: as an INTEGER its first bit is 0.
  private static func bigEndian(_ number: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = number
    repeat {
      bytes.insert(UInt8(rest & 0xFF), at: 0)
      rest >>= 8
    } while rest > 0
    return bytes[0] < 0x80 ? bytes : [0] + bytes
  }
}
