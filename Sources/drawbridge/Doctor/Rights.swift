/// What `slapacl` says that an identity may do with the attributes of an entry: `userPassword: write(=wrscxd)`.
struct Rights: Equatable {
  /// By the attribute's name in lower case, without a value behind it.
  private var letters: [String: Set<UInt8>] = [:]

  init(_ letters: [String: String] = [:]) {
    for (name, text) in letters { self.letters[name.lowercased()] = Set(text.utf8) }
  }

  /// Lines of anything else are passed over.
  init(parsing text: [UInt8]) {
    for line in text.split(separator: 0x0A) {
      guard let colon = line.lastIndex(of: UInt8(ascii: ":")), let equals = line[colon...].firstIndex(of: 0x3D) else {
        continue
      }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      letters[name] = Set(line[(equals + 1)...].filter { (0x61...0x7A).contains($0) })
    }
  }

  /// Nil where slapacl said nothing of it.
  func of(_ attribute: String) -> Set<UInt8>? { letters[attribute.lowercased()] }

  func mayRead(_ attribute: String) -> Bool { holds(attribute, "r") }
  func maySearch(_ attribute: String) -> Bool { holds(attribute, "s") }
  /// To search or to compare a value is to guess it.
  func mayGuess(_ attribute: String) -> Bool { maySearch(attribute) || holds(attribute, "c") }
  func mayBind(_ attribute: String) -> Bool { holds(attribute, "x") }
  func mayWrite(_ attribute: String) -> Bool { mayAdd(attribute) && mayDelete(attribute) }
  func mayAdd(_ attribute: String) -> Bool { holds(attribute, "w") || holds(attribute, "a") }
  func mayDelete(_ attribute: String) -> Bool { holds(attribute, "w") || holds(attribute, "z") }
  func mayChange(_ attribute: String) -> Bool { mayAdd(attribute) || mayDelete(attribute) }

  private func holds(_ attribute: String, _ letter: String) -> Bool {
    of(attribute).map { !$0.isDisjoint(with: letter.utf8) } ?? false
  }
}
