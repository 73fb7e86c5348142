/// The members of a group, compared as names are: without regard to case, and to how many blanks stand together.
public struct GroupMembers: Equatable, Sendable {
  private let names: Set<String>

  public static let none = GroupMembers(names: [])

  private init(names: Set<String>) { self.names = names }

  init(_ values: [[UInt8]]) { self.init(names: Set(values.map { Self.folded(String(decoding: $0, as: UTF8.self)) })) }

  public func contains(_ dn: String) -> Bool { !names.isEmpty && names.contains(Self.folded(dn)) }

  /// The server has brought both names into one form already, but for these two.
  private static func folded(_ dn: String) -> String {
    dn.lowercased().split(separator: " ").joined(separator: " ")
  }
}

extension AccountDirectory {
  public static let groupMembersMax = 100_000

  /// Reads a `groupOfNames`.
  ///
  /// - Parameter setting: what names the group in the configuration.
  /// - Throws: `.unsuitable`, with the setting, where there is no such group, where its members cannot be read, and
  ///   where there are more than ``groupMembersMax``: a group that was not read never counts as an empty one.
  public func members(of group: String, setting: String) async throws(DirectoryError) -> GroupMembers {
    let search = Search(
      base: group, scope: .base, filter: .equal(.objectClass, "groupOfNames"), attributes: [.member], sizeLimit: 1)
    guard let entry = try await servers.connection().connection.search(search).entries.first else {
      throw .unsuitable("\(group) does not exist, or is no groupOfNames that the daemon may read (\(setting))")
    }
    let values = entry.values(.member)
    guard !values.isEmpty else {
      throw .unsuitable("\(group): its members are not the daemon's to read: load the access rules (\(setting))")
    }
    guard values.count <= Self.groupMembersMax else {
      throw .unsuitable("\(group) has more than \(Self.groupMembersMax) members (\(setting))")
    }
    return GroupMembers(values)
  }
}
