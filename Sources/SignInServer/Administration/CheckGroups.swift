internal import Configuration
internal import Directory
internal import Wire

/// The groups that the configuration names, as the daemon sees them: where it sees none, it goes by none.
enum CheckGroups {
  struct Group: Sendable, Equatable {
    let dn: String
    /// What names it in the configuration.
    let setting: String
    /// What goes wrong without it.
    let why: String
    /// Nil where its members can be read.
    var error: DirectoryError?
  }

  static func look(_ configuration: Configuration, in accounts: AccountDirectory) async -> [Group] {
    var groups = named(in: configuration)
    for index in groups.indices {
      do throws(DirectoryError) {
        _ = try await accounts.members(of: groups[index].dn, setting: groups[index].setting)
      } catch {
        groups[index].error = error
      }
    }
    return groups
  }

  /// Each once, by the first setting that names it.
  static func named(in configuration: Configuration) -> [Group] {
    var groups: [Group] = []
    func add(_ dn: String?, _ setting: String, _ why: String) {
      guard let dn, !groups.contains(where: { $0.dn == dn }) else { return }
      groups.append(Group(dn: dn, setting: setting, why: why))
    }
    add(
      configuration.inactivity.exemptGroup, "inactivity.exempt-group",
      "No sweep deactivates anybody: who is exempt cannot be told.")
    for table in configuration.organisation {
      add(
        table.administrators, "organisation.administrators of \(table.name)",
        "Nobody administers that organisation, and its digest goes to nobody.")
    }
    for table in configuration.service {
      add(table.group, "service.group of \(table.name)", "Nobody signs in to that service.")
    }
    return groups
  }

  /// None where no group is configured.
  static func findings(of groups: [Group]) -> [Finding] {
    let check = "directory.groups"
    guard !groups.isEmpty else { return [] }
    let faults = groups.compactMap { group -> Finding? in
      switch group.error {
      case nil: return nil
      case .unsuitable(let text)?:
        return Finding(
          check, .bad, "\(text).", why: group.why,
          mend: """
            Name another group in \(group.setting), make this one a groupOfNames, or let the daemon read it:
            ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f schema/filled/access.ldif
            """)
      case .some(let error):
        return Finding(check, .unknown, "\(group.dn) (\(group.setting)) cannot be read: \(error.text)", why: group.why)
      }
    }
    guard faults.isEmpty else { return faults }
    return [Finding(check, .good, "The daemon reads the members of each configured group: \(groups.count).")]
  }
}
