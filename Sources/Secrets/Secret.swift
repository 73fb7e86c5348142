internal import COpenSSL

/// Bytes that nobody may see: a password, a key, an authenticator's secret. Prints `********`, compares in constant
/// time, and is wiped when the last reference goes.
public struct Secret: Sendable, Equatable {
  private let storage: Storage

  public init(_ bytes: some Collection<UInt8>) { storage = Storage(count: bytes.count, bytes) }

  /// `bytes`, and zeros up to `count`, which is not less.
  init(count: Int, copying bytes: UnsafeRawBufferPointer) { storage = Storage(count: count, bytes) }

  public var count: Int { storage.buffer.count }
  public var isEmpty: Bool { storage.buffer.isEmpty }

  /// The bytes, for the time of one call.
  public func withBytes<Value, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> Value) throws(E) -> Value {
    try withExtendedLifetime(storage) { storage throws(E) in try body(UnsafeRawBufferPointer(storage.buffer)) }
  }

  public static func == (a: Secret, b: Secret) -> Bool {
    a.withBytes { a in b.withBytes { b in constantTimeEqual(a, b) } }
  }

  /// Unchecked, for a pointer is not Sendable; but the bytes are never written after `init`, and so threads may share them.
  private final class Storage: @unchecked Sendable {
    let buffer: UnsafeMutableRawBufferPointer

    init(count: Int, _ bytes: some Collection<UInt8>) {
      buffer = .allocate(byteCount: count, alignment: 1)
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
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

/// Takes a time that depends on the lengths alone, which are no secret.
func constantTimeEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  a.count == b.count && CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0
}

func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  a.withUnsafeBytes { a in b.withUnsafeBytes { b in constantTimeEqual(a, b) } }
}

extension [UInt8] {
  /// Overwrites the bytes; a copy keeps its own.
  mutating func wipe() { withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
}
