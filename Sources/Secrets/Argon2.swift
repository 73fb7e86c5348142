internal import CArgon2
internal import CSodium

/// What Argon2 costs (RFC 9106, section 3.1).
public struct Argon2Parameters: Sendable, Equatable {
  public var memoryKiB: UInt32
  public var passes: UInt32
  public var lanes: UInt32

  public init(memoryKiB: UInt32 = 19_456, passes: UInt32 = 2, lanes: UInt32 = 1) {
    self.memoryKiB = memoryKiB
    self.passes = passes
    self.lanes = lanes
  }

  /// The defaults: the floor of OWASP's Password Storage Cheat Sheet.
  public static let standard = Argon2Parameters()

  public static let saltLength = 16
  public static let tagLength = 32

  /// What a stored value may ask for: checked before a byte is allocated.
  static let memoryMaxKiB: UInt32 = 262_144
  static let passesMax: UInt32 = 10
  static let lanesMax: UInt32 = 16

  var isWithinLimits: Bool {
    lanes <= Self.lanesMax && passes <= Self.passesMax && memoryKiB <= Self.memoryMaxKiB
  }

  /// The least that Argon2 takes (RFC 9106, section 3.1).
  var isEnough: Bool { lanes >= 1 && passes >= 1 && memoryKiB / 8 >= lanes }
}

/// The engine behind the hashes: libsodium, which chooses its vector instructions at run time, where it can; libargon2
/// for every other variant that a directory may hold.
enum Argon2 {
  enum Variant: String { case argon2d, argon2i, argon2id }

  /// 0x10 is the version before the RFC, which old values carry.
  static let versions: Set<UInt32> = [0x10, 0x13]
  static let saltLengths = 8...64
  static let tagLengths = 16...128

  /// Nil where the engine refuses: out of memory, or parameters it does not take.
  static func tag(
    of password: UnsafeRawBufferPointer, salt: [UInt8], variant: Variant, version: UInt32 = 0x13,
    parameters: Argon2Parameters,
    length: Int
  ) -> [UInt8]? {
    guard parameters.isWithinLimits, parameters.isEnough, saltLengths.contains(salt.count), tagLengths.contains(length)
    else { return nil }
    let isForSodium =
      variant == .argon2id && version == 0x13 && parameters.lanes == 1
      && salt.count == Int(crypto_pwhash_argon2id_SALTBYTES) && hasSodium
    return isForSodium
      ? sodium(password, salt: salt, parameters: parameters, length: length)
      : reference(
        password, salt: salt, variant: variant, version: version, parameters: parameters, length: length)
  }

  /// libsodium chooses its instructions here, once.
  private static let hasSodium = sodium_init() >= 0

  static func sodium(
    _ password: UnsafeRawBufferPointer, salt: [UInt8], parameters: Argon2Parameters, length: Int
  ) -> [UInt8]? {
    var tag = [UInt8](repeating: 0, count: length)
    let phrase = password.assumingMemoryBound(to: CChar.self)
    let code = phrase.baseAddress.map {
      crypto_pwhash_argon2id(
        &tag, UInt64(length), $0, UInt64(phrase.count), salt, UInt64(parameters.passes),
        Int(parameters.memoryKiB) * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13)
    }
    return code == 0 ? tag : nil
  }

  /// `key` and `data` are the RFC's K and X, which no stored password has.
  static func reference(
    _ password: UnsafeRawBufferPointer, salt: [UInt8], key: [UInt8] = [], data: [UInt8] = [], variant: Variant,
    version: UInt32 = 0x13, parameters: Argon2Parameters, length: Int
  ) -> [UInt8]? {
    let type =
      switch variant {
      case .argon2d: Argon2_d
      case .argon2i: Argon2_i
      case .argon2id: Argon2_id
      }
    var tag = [UInt8](repeating: 0, count: length)
    let code = salt.withUnsafeBytes { salt in
      key.withUnsafeBytes { key in
        data.withUnsafeBytes { data in
          cargon2_hash(
            type, version, parameters.memoryKiB, parameters.passes, parameters.lanes, cargon2_bytes(password),
            cargon2_bytes(salt), cargon2_bytes(key), cargon2_bytes(data), &tag, UInt32(clamping: length))
        }
      }
    }
    return code == ARGON2_OK.rawValue ? tag : nil
  }
}

extension cargon2_bytes {
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    self.init(start: bytes.isEmpty ? nil : bytes.baseAddress, count: UInt32(clamping: bytes.count))
  }
}

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`: the PHC string format, base64 without padding.
struct Argon2String: Equatable {
  let variant: Argon2.Variant
  let version: UInt32
  let parameters: Argon2Parameters
  let salt: [UInt8]
  let tag: [UInt8]

  init(
    variant: Argon2.Variant, version: UInt32 = 0x13, parameters: Argon2Parameters, salt: [UInt8], tag: [UInt8]
  ) {
    self.variant = variant
    self.version = version
    self.parameters = parameters
    self.salt = salt
    self.tag = tag
  }

  init?(_ bytes: some Collection<UInt8>) {
    var fields = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)[...]
    guard fields.popFirst()?.isEmpty == true,
      let variant = fields.popFirst().flatMap({ Argon2.Variant(rawValue: String(decoding: $0, as: UTF8.self)) })
    else { return nil }
    var version: UInt32 = 0x10  // what names none is older than the field
    if fields.count == 4 {
      guard let field = fields.popFirst(), let named = Self.cost("v", field), Argon2.versions.contains(named) else {
        return nil
      }
      version = named
    }
    guard fields.count == 3,
      let costs = fields.popFirst()?.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false),
      costs.count == 3, let memory = Self.cost("m", costs[0]), let passes = Self.cost("t", costs[1]),
      let lanes = Self.cost("p", costs[2]), let salt = fields.popFirst().flatMap({ Base64.decode($0) }),
      let tag = fields.popFirst().flatMap({ Base64.decode($0) })
    else { return nil }
    self.init(
      variant: variant, version: version,
      parameters: Argon2Parameters(memoryKiB: memory, passes: passes, lanes: lanes), salt: salt, tag: tag)
  }

  private static func cost(_ name: Character, _ field: some Collection<UInt8>) -> UInt32? {
    guard field.prefix(2).elementsEqual("\(name)=".utf8) else { return nil }
    return decimal(field.dropFirst(2)).map { UInt32(clamping: $0) }
  }

  var bytes: [UInt8] {
    let head =
      "$\(variant.rawValue)$v=\(version)$m=\(parameters.memoryKiB),t=\(parameters.passes),p=\(parameters.lanes)$"
    return Array(head.utf8) + Base64.encode(salt) + [UInt8(ascii: "$")] + Base64.encode(tag)
  }
}

/// The number in ASCII digits alone; what is beyond 32 bits counts as their greatest.
func decimal(_ bytes: some Collection<UInt8>) -> Int? {
  guard !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return bytes.reduce(0) { min($0 * 10 + Int($1 - 0x30), Int(UInt32.max)) }
}
