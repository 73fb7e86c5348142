import Wire

/// What the daemon says of itself at the end of its own check, for the checks that it cannot make.
struct DaemonFacts: Equatable {
  var uris: [String] = []
  var base = ""
  var people = ""
  var shared = ""
  var logins: [String] = []
  /// By which organisations are told apart, where any is.
  var organisationAttribute: String?
  /// Who the server says the daemon is; nil where it could not ask.
  var daemon: String?
  var bindsExternally = true
  var uid: UInt32 = 0
  var gid: UInt32 = 0
  var configurationFile = ""
  /// Accounts to try access rules on.
  var account: String?
  var other: String?
  var deactivated: String?
  /// Hashes that slapd may be asked to verify, by scheme; nil where they could not be counted.
  var schemes: [String: Int]?
  var passingThrough: Int?

  init() {}

  /// What people are found, mailed to and told apart by.
  var names: [String] {
    (["mail"] + [organisationAttribute].compactMap { $0 }).reduce(into: logins) { names, name in
      if !names.contains(where: { $0.lowercased() == name.lowercased() }) { names.append(name) }
    }
  }

  init(_ fields: [Field]) {
    func text(_ name: String) -> String? { fields[name].map { String(decoding: $0, as: UTF8.self) } }
    func list(_ name: String) -> [String] { text(name)?.split(separator: ",").map { String($0) } ?? [] }
    uris = list("uri")
    base = text("base") ?? ""
    people = text("people") ?? base
    shared = text("shared") ?? ""
    logins = list("logins")
    organisationAttribute = text("organisation-attribute")
    daemon = text("daemon")
    bindsExternally = text("bind") != "simple"
    uid = text("uid").flatMap { UInt32($0) } ?? 0
    gid = text("gid").flatMap { UInt32($0) } ?? 0
    configurationFile = text("config") ?? ""
    account = text("account")
    other = text("other")
    deactivated = text("deactivated")
    if fields["schemes"] != nil {
      var schemes: [String: Int] = [:]
      for pair in list("schemes") {
        let parts = pair.split(separator: ":")
        if parts.count == 2, let count = Int(parts[1]) { schemes[String(parts[0])] = count }
      }
      self.schemes = schemes
    }
    passingThrough = text("passing-through").flatMap { Int($0) }
  }
}
