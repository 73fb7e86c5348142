/// Why there is no key ring to work with; says what to do.
public struct KeyRingFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String
}

/// The keys under which Drawbridge seals what it stores: one is active, the others only open what is old. It is no
/// part of the directory, so that a stolen copy of the directory holds no authenticator.
public struct KeyRing: Sendable {
  public let activeKeyID: UInt32
  let keys: [UInt32: Secret]
  /// When a key ceased to be the active one, in seconds since 1970, where the ring tells.
  public let closed: [UInt32: Int64]
  public var keyIDs: [UInt32] { keys.keys.sorted() }

  static let keyLength = 32

  /// Lines of `id active key` and `id open key [time]`, the key in base64, and the time (seconds since 1970) at which
  /// it ceased to be the active one; `#` begins a comment.
  public init(parsing text: [UInt8]) throws(KeyRingFailure) {
    guard text.count <= KeyFile.maxBytes else { throw KeyRingFailure(description: "larger than 64 KiB") }
    var keys: [UInt32: Secret] = [:]
    var closed: [UInt32: Int64] = [:]
    var active: UInt32?
    for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let words = Self.words(of: line)
      if words.isEmpty { continue }
      guard words.count == 3 || words.count == 4, let id = UInt32(String(decoding: words[0], as: UTF8.self)),
        decimal(words[0]) == Int(id), id > 0, keys[id] == nil,
        var key = Base64.decode(words[2]), key.count == Self.keyLength
      else { throw KeyRingFailure(description: "line \(index + 1) is not `id active|open key` with a key of 32 bytes") }
      defer { key.wipe() }
      switch (String(decoding: words[1], as: UTF8.self), words.dropFirst(3).first) {
      case ("active", nil) where active == nil: active = id
      case ("open", nil): break
      case ("open", let time?):
        guard let time = decimal(time) else {
          throw KeyRingFailure(description: "line \(index + 1): what stands behind the key is no time in seconds")
        }
        closed[id] = Int64(time)
      default: throw KeyRingFailure(description: "line \(index + 1): exactly one key is active, the others are open")
      }
      keys[id] = Secret(key)
    }
    guard let active else { throw KeyRingFailure(description: "no key is active") }
    self.keys = keys
    self.closed = closed
    activeKeyID = active
  }

  static func words(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    line.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  /// Reads a file that only its owner may read.
  public static func load(path: String) throws(KeyRingFailure) -> KeyRing {
    do throws(KeyFile.Failure) {
      var text = try KeyFile(path: path, setting: "keys.ring", madeBy: "drawbridged --make-key-ring \(path)").read()
      defer { text.wipe() }
      do throws(KeyRingFailure) { return try KeyRing(parsing: text) } catch {
        throw KeyFile.Failure(description: "\(path): \(error.description) (keys.ring)")
      }
    } catch {
      throw KeyRingFailure(description: error.description)
    }
  }

  /// The text of a new ring with one key.
  public static func generate(_ random: RandomBytes) throws(RandomFailure) -> [UInt8] {
    let head = "# Drawbridge's key ring: id, state, key. Keep a copy offline.\n"
    return try head.utf8 + line(state: "active", random).text
  }

  /// A new key under a new id, as its line.
  static func line(
    state: String, _ random: RandomBytes
  ) throws(RandomFailure) -> (id: UInt32, text: [UInt8]) {
    let drawn = try random(4)
    var key = try random(keyLength)
    defer { key.wipe() }
    guard drawn.count == 4, key.count == keyLength else { throw RandomFailure() }
    let id = max(1, drawn.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    return (id, Array("\(id) \(state) ".utf8) + Base64.encode(key) + [UInt8(ascii: "\n")])
  }

  /// Makes a new file with a new ring; never over an existing one.
  public static func create(path: String, random: RandomBytes) throws {
    var text = try generate(random)
    defer { text.wipe() }
    do throws(KeyFile.Failure) { try KeyFile.create(path: path, text) } catch {
      throw KeyRingFailure(description: error.description)
    }
  }
}
