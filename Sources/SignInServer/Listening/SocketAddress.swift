internal import Glibc

extension sockaddr_un {
  /// Nil for a path that does not fit with the NUL behind it (unix(7)); one that begins with a NUL is an abstract name.
  init?(path: [UInt8]) {
    self.init()
    guard path.count < MemoryLayout.size(ofValue: sun_path) else { return nil }
    sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: path) }
  }
}

/// An address of any family, as the kernel's calls take it.
///
/// - Parameter length: all of the structure, unless given.
func withSocketAddress<Address, Value>(
  _ address: Address, length: Int = MemoryLayout<Address>.size,
  _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) -> Value {
  withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
  }
}
