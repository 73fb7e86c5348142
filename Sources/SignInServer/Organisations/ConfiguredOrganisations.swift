internal import Configuration
internal import SignIn

extension Organisations {
  /// The organisations of a configuration, their names read as names.
  init(_ configuration: Configuration) throws(Daemon.Failure) {
    var all: [Organisation] = []
    for table in configuration.organisation {
      func name(_ key: String, _ text: String) throws(Daemon.Failure) -> DistinguishedName {
        guard let dn = DistinguishedName(text) else {
          throw Daemon.Failure(description: "organisation.\(key) of \(table.name): \(text) is no distinguished name")
        }
        return dn
      }
      let extent: Organisation.Extent
      if let subtree = table.subtree {
        extent = .subtree(try name("subtree", subtree))
      } else {
        extent = .value(Array((table.value ?? "").utf8))
      }
      var organisation = Organisation(table.name, extent)
      if let group = table.administrators { organisation.administrators = try name("administrators", group) }
      organisation.contact = table.contact
      organisation.limitSeconds = table.inactivityLimit?.seconds
      organisation.passwordProfile = table.passwordProfile.map { $0 == .guide ? .guide : .nist }
      all.append(organisation)
    }
    do throws(Conflict) { try self.init(all) } catch {
      let names = error.names.joined(separator: " and ")
      throw Daemon.Failure(description: "organisation.subtree, organisation.value: those of \(names) are the same")
    }
    guard all.allSatisfy({ $0.administrators == nil }) || groupsAncestor != nil else {
      throw Daemon.Failure(
        description: "organisation.administrators: the groups are in different directories, and one search finds them")
    }
  }
}
