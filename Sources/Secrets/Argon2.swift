internal import CArgon2
internal import CSodium

/// What Argon2 costs (RFC 9106, section 3.1).
public struct Argon2Parameters: Sendable, Equatable {
  public var memoryKiB: UInt32
  public var passes: UInt32
  public var lanes: UInt32

  public init(memoryKiB: UInt32, passes: UInt32, lanes: UInt32) {
    self.memoryKiB = memoryKiB
    self.passes = passes
    self.lanes = lanes
  }

  /// OWASP's Password Storage Cheat Sheet.
  public static let standard = Argon2Parameters(memoryKiB: 19_456, passes: 2, lanes: 1)

  public static let saltLength = 16
  public static let tagLength = 32

  /// What a stored value may ask for: checked before a byte is allocated.
  static let memoryMaxKiB: UInt32 = 262_144
  static let passesMax: UInt32 = 10
  static let lanesMax: UInt32 = 16

  var isWithinLimits: Bool {
    (1...Self.lanesMax).contains(lanes) && (1...Self.passesMax).contains(passes)
      && (8 * lanes...Self.memoryMaxKiB).contains(memoryKiB)
  }
}

/// The engine behind the hashes: libsodium, which chooses its vector instructions at run time, where it can; libargon2
/// for every other variant that a directory may hold.
enum Argon2 {
  enum Variant: String { case argon2i, argon2id }

  /// Nil where the engine refuses: out of memory, or parameters it does not take.
  static func tag(
    of password: UnsafeRawBufferPointer, salt: [UInt8], variant: Variant, parameters: Argon2Parameters, length: Int
  ) -> [UInt8]? {
    guard parameters.isWithinLimits, (8...64).contains(salt.count), (16...128).contains(length) else { return nil }
    var tag = [UInt8](repeating: 0, count: length)
    if variant == .argon2id, parameters.lanes == 1, salt.count == Int(crypto_pwhash_argon2id_SALTBYTES) {
      let phrase = password.bindMemory(to: CChar.self)
      let code = phrase.baseAddress.map {
        crypto_pwhash_argon2id(
          &tag, UInt64(length), $0, UInt64(phrase.count), salt, UInt64(parameters.passes),
          Int(parameters.memoryKiB) * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13)
      }
      if code == 0 { return tag }
    }
    let type = variant == .argon2i ? Argon2_i : Argon2_id
    let code = argon2_hash(
      parameters.passes, parameters.memoryKiB, parameters.lanes, password.baseAddress, password.count, salt, salt.count,
      &tag, length, nil, 0, type, UInt32(ARGON2_VERSION_13.rawValue))
    return code == ARGON2_OK.rawValue ? tag : nil
  }
}

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`: the PHC string format, base64 without padding.
struct Argon2String: Equatable {
  let variant: Argon2.Variant
  let parameters: Argon2Parameters
  let salt: [UInt8]
  let tag: [UInt8]

  init(variant: Argon2.Variant, parameters: Argon2Parameters, salt: [UInt8], tag: [UInt8]) {
    self.variant = variant
    self.parameters = parameters
    self.salt = salt
    self.tag = tag
  }

  init?(_ bytes: some Collection<UInt8>) {
    let fields = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard fields.count == 6, fields[0].isEmpty,
      let variant = Argon2.Variant(rawValue: String(decoding: fields[1], as: UTF8.self)),
      fields[2].elementsEqual("v=19".utf8), let salt = Base64.decode(fields[4]), let tag = Base64.decode(fields[5])
    else { return nil }
    let costs = fields[3].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard costs.count == 3, let memory = Self.cost("m", costs[0]), let passes = Self.cost("t", costs[1]),
      let lanes = Self.cost("p", costs[2])
    else { return nil }
    self.init(
      variant: variant, parameters: Argon2Parameters(memoryKiB: memory, passes: passes, lanes: lanes), salt: salt,
      tag: tag)
  }

  private static func cost(_ name: Character, _ field: some Collection<UInt8>) -> UInt32? {
    guard field.prefix(2).elementsEqual("\(name)=".utf8) else { return nil }
    return decimal(field.dropFirst(2)).flatMap { UInt32(exactly: $0) }
  }

  var bytes: [UInt8] {
    let head = "$\(variant.rawValue)$v=19$m=\(parameters.memoryKiB),t=\(parameters.passes),p=\(parameters.lanes)$"
    return Array(head.utf8) + Base64.encode(salt) + [UInt8(ascii: "$")] + Base64.encode(tag)
  }
}

/// ASCII digits alone, at most ten of them.
func decimal(_ bytes: some Collection<UInt8>) -> Int? {
  guard (1...10).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
}
