/// An organisation of the directory, as the configuration tells it.
public struct Organisation: Equatable, Sendable {
  /// Which accounts belong to it.
  public enum Extent: Equatable, Sendable {
    /// The entry of this name, and everything below it.
    case subtree(DistinguishedName)
    /// Entries that hold this value of the attribute that tells organisations apart.
    case value([UInt8])
  }

  public let name: String
  public let extent: Extent
  /// The group whose members administer it.
  public var administrators: DistinguishedName?
  /// Who is named where its accounts are deactivated.
  public var contact: String?
  public var limitSeconds: Int64?
  public var passwordProfile: PasswordRule.Profile?

  public init(_ name: String, _ extent: Extent) {
    self.name = name
    self.extent = extent
  }
}

/// All organisations of an installation, and which account is whose. An account belongs to one at the most: that of the
/// longest subtree around it, or else that of its value. Values of two organisations in one entry make it nobody's, so
/// that neither has a say in what the other claims, too.
public struct Organisations: Equatable, Sendable {
  public static let countMax = 10_000
  public static let none = Organisations()

  /// Two organisations that nothing tells apart.
  public struct Conflict: Error, Equatable { public let names: [String] }

  public let all: [Organisation]
  private let subtrees: [DistinguishedName: Int]
  private let values: [[UInt8]: Int]
  /// The smallest limit that an organisation has of its own.
  public let shortestLimitSeconds: Int64?

  private init() { (all, subtrees, values, shortestLimitSeconds) = ([], [:], [:], nil) }

  public init(_ all: [Organisation]) throws(Conflict) {
    var subtrees: [DistinguishedName: Int] = [:]
    var values: [[UInt8]: Int] = [:]
    for (index, organisation) in all.enumerated() {
      let other =
        switch organisation.extent {
        case .subtree(let dn): subtrees.updateValue(index, forKey: dn)
        case .value(let value): values.updateValue(index, forKey: value.folded)
        }
      if let other { throw Conflict(names: [all[other].name, organisation.name]) }
    }
    self.all = all
    self.subtrees = subtrees
    self.values = values
    shortestLimitSeconds = all.compactMap(\.limitSeconds).min()
  }

  public func organisation(of account: Account) -> Organisation? {
    if !subtrees.isEmpty, let dn = DistinguishedName(account.dn) {
      for depth in (1...dn.depth).reversed() {
        if let found = dn.suffix(depth).flatMap({ subtrees[$0] }) { return all[found] }
      }
    }
    let claims = Set(account.organisationValues.compactMap { values[$0.folded] })
    return claims.count == 1 ? claims.first.map { all[$0] } : nil
  }

  /// After how long without a sign-in the account is idle; nil where its organisation has no say in it.
  public func limitSeconds(for account: Account) -> Int64? { organisation(of: account)?.limitSeconds }

  /// Which password rule counts for the account; nil where its organisation has no say in it.
  public func passwordProfile(for account: Account) -> PasswordRule.Profile? {
    organisation(of: account)?.passwordProfile
  }
}
