/// Whether a text is what it should be. These rules keep mistakes out; each server has the last word on its own names.
enum Syntax {
  static func isText(_ text: String, maxBytes: Int) -> Bool {
    1...maxBytes ~= text.utf8.count
      && !text.unicodeScalars.contains { scalar in
        scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value || scalar.value == 0x2028 || scalar.value == 0x2029
      }
  }

  static func isIssuer(_ text: String) -> Bool {
    isText(text, maxBytes: 64) && !text.utf8.contains(UInt8(ascii: ":"))
  }

  static func isPath(_ text: String, maxBytes: Int) -> Bool {
    isText(text, maxBytes: maxBytes) && text.utf8.first == UInt8(ascii: "/")
  }

  static func isName(_ text: String) -> Bool {
    1...32 ~= text.utf8.count && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { Authority.isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
  }

  /// The keystring of RFC 4512, section 1.4.
  static func isAttribute(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
    return Authority.isAlphanumeric(first) && !(0x30...0x39 ~= first)
      && text.utf8.allSatisfy { Authority.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// RFC 4514, section 3, as far as it tells a name from something else: `attribute=value`, more with `,` or `+`
  /// between them, and those behind a backslash belonging to the value.
  static func isDistinguishedName(_ text: String) -> Bool {
    guard isText(text, maxBytes: 1_024) else { return false }
    var parts: [[UInt8]] = [[]]
    var isEscaped = false
    for byte in text.utf8 {
      if !isEscaped, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") {
        parts.append([])
      } else if let last = parts.indices.last {
        parts[last].append(byte)
      }
      isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
    }
    return !isEscaped
      && parts.allSatisfy { part in
        guard let sign = part.firstIndex(of: UInt8(ascii: "=")), sign < part.endIndex - 1 else { return false }
        let type = part[..<sign].drop { $0 == 0x20 }
        return isAttribute(String(decoding: type, as: UTF8.self)) || isObjectIdentifier(type)
      }
  }

  private static func isObjectIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
    let arcs = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return arcs.count > 1 && arcs.allSatisfy { !$0.isEmpty && $0.allSatisfy { 0x30...0x39 ~= $0 } }
  }

  /// The scheme and the server of an LDAP URL (RFC 4516) and nothing more; the socket of `ldapi` is percent-encoded.
  static func isDirectoryURI(_ text: String) -> Bool {
    if text.hasPrefix("ldapi://") {
      let socket = text.utf8.dropFirst(8)
      return socket.count <= 255
        && socket.allSatisfy { Authority.isAlphanumeric($0) || [0x25, 0x2D, 0x2E, 0x2F, 0x5F].contains($0) }
    }
    let scheme = text.hasPrefix("ldaps://") ? 8 : text.hasPrefix("ldap://") ? 7 : 0
    var authority = Array(text.utf8.dropFirst(scheme))
    if authority.last == UInt8(ascii: "/") { authority.removeLast() }
    return scheme > 0 && Authority(authority, port: 389) != nil
  }

  /// Printable ASCII with one `@`, nothing that RFC 5322 calls special, and no `-` in front.
  static func isAddress(_ text: String) -> Bool {
    let parts = Array(text.utf8).split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    return text.utf8.count <= 254 && parts.count == 2 && !parts.contains { $0.isEmpty }
      && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { 0x21...0x7E ~= $0 && !"()<>[]:;\\,\"".utf8.contains($0) }
  }
}
