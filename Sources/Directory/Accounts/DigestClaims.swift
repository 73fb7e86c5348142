/// Which daemon sends the digest of an organisation in a month: values `202611 name` of the shared entry.
extension AccountDirectory {
  private static let lastDigest: Attribute = "drawbridgeLastDigest"

  /// The month of each organisation's last digest, by the organisation's name.
  public func lastDigests() async throws(DirectoryError) -> [String: String] {
    let entries = try await search(
      base: settings.sharedEntry, scope: .base, filter: .present(.objectClass), sizeLimit: 1,
      alsoReading: [Self.lastDigest])
    guard let entry = entries.first else {
      throw .unsuitable("\(settings.sharedEntry) does not exist (directory.shared-entry)")
    }
    let pairs = entry.values(Self.lastDigest).compactMap { value -> (String, String)? in
      let words = String(decoding: value, as: UTF8.self).split(separator: " ", maxSplits: 1)
      return words.count == 2 ? (String(words[1]), String(words[0])) : nil
    }
    return Dictionary(pairs) { max($0, $1) }
  }

  /// Claims a month for an organisation; false where another daemon was first.
  ///
  /// - Parameter last: the month as ``lastDigests()`` had it.
  public func claimDigest(
    of organisation: String, month: String, last: String?
  ) async throws(DirectoryError) -> Bool {
    let claim = "\(month) \(organisation)"
    let old = last.map { Array("\($0) \(organisation)".utf8) }
    let answer = try await servers.connection().connection.modify(
      dn: settings.sharedEntry, (old.map { [.delete(Self.lastDigest, [$0])] } ?? []) + [.add(Self.lastDigest, claim)],
      if: .all([.not(.equal(Self.lastDigest, claim))] + (old.map { [.equal(Self.lastDigest, $0)] } ?? [])))
    if case .applied = answer { return true }
    return false
  }
}
