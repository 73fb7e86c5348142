/// How far a server has got with the writes of each provider: the values of `contextCSN`, of which OpenLDAP keeps one a
/// server id (draft-chu-ldap-csn: time`#`count`#`server id`#`modification).
struct ContextCSN: Equatable {
  private var newest: [String: String] = [:]

  /// Nil where there is none, or one that cannot be read: then nothing is known.
  init?(_ values: [[UInt8]]) {
    guard !values.isEmpty else { return nil }
    for value in values {
      let text = String(decoding: value, as: UTF8.self)
      let parts = text.split(separator: "#", omittingEmptySubsequences: false)
      // Of fixed width, so that the order of the text is the order of time.
      guard parts.map(\.count) == [22, 6, 3, 6] else { return nil }
      let id = String(parts[2])
      newest[id] = max(newest[id] ?? "", text)
    }
  }

  /// Whether every write that the other server has is here, too.
  func covers(_ other: ContextCSN) -> Bool {
    other.newest.allSatisfy { id, csn in newest[id].map { $0 >= csn } ?? false }
  }
}

extension ServerProbe {
  /// Nil where the server shows none: no syncprov, or no right to read it.
  func contextCSN(of base: String) async throws(DirectoryError) -> ContextCSN? {
    let root = try await read("", ["namingContexts"])
    // The attribute stands in the entry at the top of the database.
    let lowered = base.lowercased()
    let top = root.values("namingContexts").map { String(decoding: $0, as: UTF8.self) }
      .filter { lowered == $0.lowercased() || lowered.hasSuffix("," + $0.lowercased()) }
      .max { $0.utf8.count < $1.utf8.count }
    return ContextCSN(try await readIfPresent(top ?? base, ["contextCSN"])?.values("contextCSN") ?? [])
  }

  /// False on a copy, and on a database that is read-only: slapd says so before it looks at the condition, which no
  /// entry meets.
  func takesWrites(base: String) async throws(DirectoryError) -> Bool {
    do throws(DirectoryError) {
      _ = try await connection.modify(
        dn: base, [.set("description", "never written")], if: .absent(.objectClass))
      return true
    } catch {
      switch error {
      case .refused(let code, _): return !Self.refusesWrites(code)
      case .unavailable, .lost, .busy, .unsuitable, .fenced: throw error
      }
    }
  }

  /// referral, and unwillingToPerform: what a copy, or a read-only database, answers to each write.
  static func refusesWrites(_ code: Int32) -> Bool { code == 10 || code == 53 }
}
