/// A file of `schema/` as it was when this program was built: the one description of what Drawbridge needs of slapd.
struct SchemaFile {
  /// One value of the file, with the comment before it.
  struct Setting: Equatable {
    let attribute: String
    let value: String
    let why: [String]
  }

  static let schema = SchemaFile(PackageResources.drawbridge_ldif)
  static let identity = SchemaFile(PackageResources.identity_ldif)
  static let limits = SchemaFile(PackageResources.limits_ldif)
  static let index = SchemaFile(PackageResources.index_ldif)
  static let access = SchemaFile(PackageResources.access_ldif)
  static let accessPolicy = SchemaFile(PackageResources.access_ppolicy_ldif)
  static let accessDeactivatedBind = SchemaFile(PackageResources.access_deactivated_bind_ldif)
  static let shared = SchemaFile(PackageResources.shared_ldif)

  /// Without those that say what kind of change it is, and without the numbers that order values.
  let settings: [Setting]

  init(_ text: [UInt8]) {
    var settings: [Setting] = []
    var comment: [String] = []
    for line in LDIFEntry.unfolded(text) where !line.isEmpty {
      let line = String(decoding: line, as: UTF8.self)
      if line.hasPrefix("#") {
        comment.append(String(line.dropFirst().drop { $0 == " " }))
        continue
      }
      guard let colon = line.firstIndex(of: ":") else { continue }
      let attribute = String(line[..<colon])
      if ["dn", "changetype", "add"].contains(attribute) {
        comment = []  // it was about the whole file
        continue
      }
      let value = Numbered(String(line[line.index(after: colon)...].drop { $0 == " " })).text
      settings.append(Setting(attribute: attribute, value: value, why: comment))
      comment = []
    }
    self.settings = settings
  }
}
