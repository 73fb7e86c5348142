/// The names that `schema/` leaves open, between `@`.
struct SetupNames: Equatable {
  var suffix: String
  var people: String
  var shared: String
  var daemon: String
  var administrators: String
  /// Of cn=config.
  var database: String
  var uid: UInt32
  var gid: UInt32

  func filled(_ text: String) -> String {
    var result = ""
    for (index, part) in text.split(separator: "@", omittingEmptySubsequences: false).enumerated() {
      result += index % 2 == 0 ? String(part) : value(of: part)
    }
    return result
  }

  private func value(of name: Substring) -> String {
    switch name {
    case "SUFFIX": suffix
    case "PEOPLE": people
    case "SHARED": shared
    case "DAEMON": daemon
    case "ADMINS": administrators
    case "DATABASE": String(database.prefix { $0 != "," }.drop { $0 != "=" }.dropFirst())
    case "UID": "\(uid)"
    case "GID": "\(gid)"
    default: "@\(name)@"
    }
  }

  /// The first name that would mean something else in a rule, a pattern or a filter of slapd.
  var unfit: String? {
    [suffix, people, shared, daemon, administrators].first { name in
      name.isEmpty || !name.contains("=") || name.utf8.contains { $0 < 0x20 || $0 == 0x7F || Self.special.contains($0) }
    }
  }

  private static let special = Array("\"\\()*$@".utf8)

  /// `example.org` of `dc=example,dc=org`; nil where the suffix is no domain.
  var domain: String? {
    let parts = suffix.split(separator: ",").map { $0.drop { $0 == " " } }
    guard parts.allSatisfy({ $0.lowercased().hasPrefix("dc=") }), !parts.isEmpty else { return nil }
    return parts.map { $0.dropFirst(3) }.joined(separator: ".")
  }
}
