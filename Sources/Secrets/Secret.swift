internal import COpenSSL

/// Bytes that nobody may see: a password, a key, an authenticator's secret. Prints `********`, compares in constant
/// time, and is wiped when the last reference goes.
public struct Secret: Sendable, Equatable {
  private let storage: Storage

  public init(_ bytes: some Collection<UInt8>) { storage = Storage(bytes) }

  public var count: Int { storage.buffer.count }
  public var isEmpty: Bool { storage.buffer.isEmpty }

  /// The bytes, for the time of one call.
  public func withBytes<Value, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> Value) throws(E) -> Value {
    try body(UnsafeRawBufferPointer(storage.buffer))
  }

  public static func == (a: Secret, b: Secret) -> Bool { constantTimeEqual(a.storage.buffer, b.storage.buffer) }

  /// Never written after `init`, so that it may be shared between threads.
  private final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: some Collection<UInt8>) {
      buffer = .allocate(byteCount: bytes.count, alignment: 1)
      buffer.copyBytes(from: bytes)
    }

    deinit {
      OPENSSL_cleanse(buffer.baseAddress, buffer.count)
      buffer.deallocate()
    }
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "********" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Lengths are no secret.
func constantTimeEqual(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}
