internal import NIOSSL

/// What a certificate calls its owner.
enum ClientName {
  /// More are not looked at.
  private static let namesMax = 64

  /// Its names of the kinds that people and hosts go by (DNS, mail, URI), in its order; the last common name of its
  /// subject where it has none of them (RFC 6125, section 6.4.4). In lower case, since none of them tells by case, and
  /// of printable ASCII alone: what is not passes for no name, and ends no line of the log.
  static func all(of certificate: NIOSSLCertificate) -> [String] {
    var names: [[UInt8]] = []
    for name in certificate._subjectAlternativeNames().prefix(namesMax)
    where [.dnsName, .email, .uri].contains(name.nameType) {
      names.append(name.contents.withUnsafeBufferPointer { Array($0) })
    }
    if names.isEmpty, let common = certificate.subjectName.last(where: { $0.type == .commonName }) {
      names = [Array(common.value.utf8)]
    }
    return names.compactMap(printable)
  }

  /// Nil where a byte is not printable, or a comma, which separates the fields of a peer in the audit.
  static func printable(_ name: [UInt8]) -> String? {
    guard 1...256 ~= name.count, name.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: ",") }) else { return nil }
    return String(decoding: name.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
