internal import Foundation
internal import Synchronization

/// A TCP server that speaks as much LDAP as a hostile or broken one would: it notes each operation that arrives and
/// answers as it is told. What is no LDAP message (a TLS handshake) is noted as its first byte.
public final class ScriptedServer: Sendable {
  /// The tags of protocol operations (RFC 4511, section 4.2 and 4.12).
  public static let bindRequest: UInt8 = 0x60
  public static let extendedRequest: UInt8 = 0x77

  public let port: Int
  private let descriptor: Int32
  private let seen = Mutex<[UInt8]>([])
  public var operations: [UInt8] { seen.withLock { $0 } }

  /// `answer` maps an operation's tag to a whole protocolOp, or to nil for silence.
  public init(_ answer: @escaping @Sendable (UInt8) -> [UInt8]?) throws {
    port = try freePort()
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = UInt16(port).bigEndian
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0, listen(descriptor, 8) == 0 else { throw FixtureError("port \(port): \(errno)") }
    let listener = descriptor
    Thread { [weak self] in
      while true {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else {
          close(listener)  // here, and not in `end`: the number may be another server's while this thread still uses it
          return
        }
        self?.serve(peer, answer)
        close(peer)
      }
    }.start()
  }

  private func serve(_ peer: Int32, _ answer: (UInt8) -> [UInt8]?) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(peer, &buffer, buffer.count)
      guard count > 0 else { return }
      // SEQUENCE, length, messageID as INTEGER of one byte, protocolOp: what a client sends first is that short.
      let isLDAP = count > 5 && buffer[0] == 0x30 && buffer[2] == 0x02 && buffer[3] == 1
      let tag = isLDAP ? buffer[5] : buffer[0]
      seen.withLock { $0.append(tag) }
      guard isLDAP, let operation = answer(tag) else { continue }
      let message = [0x02, 0x01, buffer[4]] + operation
      _ = ([0x30, UInt8(message.count)] + message).withUnsafeBytes { send(peer, $0.baseAddress, $0.count, 0x4000) }
    }
  }

  public func end() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// An LDAPResult with a code, empty matchedDN and empty text, under a tag.
  public static func result(_ tag: UInt8, _ code: UInt8) -> [UInt8] {
    [tag, 0x07, 0x0A, 0x01, code, 0x04, 0x00, 0x04, 0x00]
  }
}
