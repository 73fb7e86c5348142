internal import CCrypt
internal import Glibc

/// `{CRYPT}`: the methods of crypt(5) whose cost can be told before they run. Crypt takes C strings: a password with a
/// NUL, or longer than the method looks, would be cut, so it matches nothing.
struct CryptHash {
  private let method: Method
  private let value: [UInt8]

  /// Of sha256crypt and sha512crypt.
  static let roundsMax = 1_000_000
  /// Of bcrypt, a power of two: about a second.
  static let bcryptCostMax = 14
  /// Of yescrypt.
  static let memoryMaxBytes = 256 << 20

  private enum Method {
    case des, md5, bcrypt, sha, yescrypt

    var passwordMaxBytes: Int {
      switch self {
      case .des: 8
      case .bcrypt: 72
      case .md5, .sha, .yescrypt: Int(CRYPT_MAX_PASSPHRASE_SIZE) - 1
      }
    }
  }

  init(_ value: [UInt8]) throws(PasswordHash.Unusable) {
    guard value.count < Int(CRYPT_OUTPUT_SIZE), value.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .malformed
    }
    method = try Self.method(value)
    self.value = value
  }

  private static func method(_ value: [UInt8]) throws(PasswordHash.Unusable) -> Method {
    guard value.first == UInt8(ascii: "$") else {
      guard value.count == 13, value.allSatisfy({ sixBits($0) != nil }) else { throw .malformed }
      return .des
    }
    var fields = value.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false).dropFirst()
    let name = String(decoding: fields.popFirst() ?? [], as: UTF8.self)
    let cost = fields.first ?? []
    switch name {
    case "1": return .md5
    case "2a", "2b", "2y":
      guard cost.count == 2, let number = decimal(cost) else { throw .malformed }
      guard number <= bcryptCostMax else { throw .beyondLimits }
      return .bcrypt
    case "5", "6":
      guard cost.starts(with: "rounds=".utf8) else { return .sha }
      guard let rounds = decimal(cost.dropFirst(7)) else { throw .malformed }
      guard rounds <= roundsMax else { throw .beyondLimits }
      return .sha
    case "y", "gy":
      try checkYescrypt(cost)
      return .yescrypt
    default: throw .unknownScheme("CRYPT $\(name.prefix(8))$")
    }
  }

  /// yescrypt's parameters: its flavour, log2 N − 1 and r − 1, one symbol each where they are below 48. Longer numbers
  /// and further parameters are beyond any sensible cost; `j` is the flavour that crypt_gensalt(3) makes.
  private static func checkYescrypt(_ parameters: ArraySlice<UInt8>) throws(PasswordHash.Unusable) {
    var values = parameters.compactMap(sixBits)[...]
    guard values.count == parameters.count, values.count >= 3 else { throw .malformed }
    guard values.count == 3, values.popFirst() == 47, let logN = values.popFirst(), let r = values.popFirst(),
      logN < 24, r < 48, (128 * (r + 1)) << (logN + 1) <= memoryMaxBytes
    else { throw .beyondLimits }
  }

  /// The value of a symbol of crypt's own base64.
  private static func sixBits(_ symbol: UInt8) -> Int? {
    switch symbol {
    case 0x2E...0x39: Int(symbol) - 0x2E
    case 0x41...0x5A: Int(symbol) - 0x41 + 12
    case 0x61...0x7A: Int(symbol) - 0x61 + 38
    default: nil
    }
  }

  func verify(_ password: Secret) -> PasswordHash.Verdict {
    let isWhole = password.withBytes { bytes in
      bytes.count <= method.passwordMaxBytes && !bytes.contains(0)
        && (method != .des || bytes.allSatisfy { $0 < 0x80 })  // DES drops the eighth bit
    }
    guard isWhole else { return .mismatch }
    // A result of another length: the stored value was cut, and no password can match it.
    guard let computed = Self.crypt(password, setting: value), computed.count == value.count else {
      return .unusable(.malformed)
    }
    return constantTimeEqual(computed, value) ? .match : .mismatch
  }

  /// Nil where libcrypt refuses the setting.
  private static func crypt(_ password: Secret, setting: [UInt8]) -> [UInt8]? {
    let phrase = password.withBytes { Secret(count: $0.count + 1, copying: $0) }
    var work = [UInt8](repeating: 0, count: MemoryLayout<crypt_data>.size)
    defer { work.wipe() }
    let computed = phrase.withBytes { phrase in
      (setting + [0]).withUnsafeBytes { setting in
        work.withUnsafeMutableBytes { work -> [UInt8]? in
          guard let phrase = phrase.assumingMemoryBound(to: CChar.self).baseAddress,
            let setting = setting.assumingMemoryBound(to: CChar.self).baseAddress,
            let result = crypt_rn(phrase, setting, work.baseAddress, Int32(work.count))
          else { return nil }
          return Array(UnsafeRawBufferPointer(start: result, count: strnlen(result, Int(CRYPT_OUTPUT_SIZE))))
        }
      }
    }
    return computed?.first == UInt8(ascii: "*") ? nil : computed
  }
}
