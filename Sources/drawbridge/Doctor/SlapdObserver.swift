import Wire

/// Finds out, by slapd's own tools, what only an administrator of slapd can see. It reads, and changes nothing.
struct SlapdObserver {
  let uri: String
  let configurationDN: String
  let source: SlapdSource

  private var client: [String] { ["-Q", "-Y", "EXTERNAL", "-H", uri] }

  /// The text of a `slapd.conf`.
  var file: [UInt8]? {
    if case .file(let path) = source { SmallFile.read(path) } else { nil }
  }

  // MARK: Who, and which

  /// What the server calls whoever runs this: a DN.
  func whoami() -> Result<String, Unseen> {
    Result { () throws(Unseen) in
      let told = try Tool(name: "ldapwhoami").run(client)
      guard told.status == 0 else { throw Unseen("ldapwhoami at \(uri): \(told.complaint)") }
      let line = told.output.prefix { $0 != 0x0A }
      return String(decoding: line.starts(with: Array("dn:".utf8)) ? line.dropFirst(3) : line, as: UTF8.self)
    }
  }

  func version() -> Result<SlapdVersion, Unseen> {
    Result { () throws(Unseen) in
      let told = try Tool(name: "slapd").run(["-VV"])
      guard let version = SlapdVersion(parsing: told.errors + told.output) else {
        throw Unseen("slapd -VV named no version")
      }
      return version
    }
  }

  // MARK: cn=config

  /// From the running server alone.
  func running() throws(Unseen) -> SlapdConfiguration {
    let told = try Tool(name: "ldapsearch").run(
      client + ["-LLL", "-o", "ldif-wrap=no", "-b", configurationDN, "(objectClass=*)"]
        + SlapdConfiguration.attributes)
    guard told.status == 0 else { throw Unseen(told.complaint) }
    guard let configuration = SlapdConfiguration(LDIFEntry.parse(told.output), root: configurationDN) else {
      throw Unseen("nothing")
    }
    return configuration
  }

  /// From the running server; where it shows nothing, from its own files.
  func configuration(as me: Result<String, Unseen>) -> Result<SlapdConfiguration, Unseen> {
    let asked = Result { () throws(Unseen) in try running() }
    if case .success = asked { return asked }
    let read = Result { () throws(Unseen) in
      let slapcat = Tool(name: "slapcat")
      let arguments = ["-n", "0", "-o", "ldif-wrap=no"] + source.option
      switch source {
      case .folder: return try slapcat.run(arguments)
      // slapd's own parser reads the file, and writes cn=config into the folder: no database but that one is opened.
      case .file:
        return try PrivateFolder.with { folder throws(Unseen) in try slapcat.run(arguments + ["-F", folder]) }
      }
    }
    if case .success(let told) = read, told.status == 0,
      let configuration = SlapdConfiguration(LDIFEntry.parse(told.output))
    {
      return .success(configuration)
    }
    return .failure(Unseen(reason(asked, read, me)))
  }

  private func reason(
    _ asked: Result<SlapdConfiguration, Unseen>, _ read: Result<Tool.Output, Unseen>, _ me: Result<String, Unseen>
  ) -> String {
    let said =
      switch asked {
      case .success: "nothing"
      case .failure(let unseen): unseen.why
      }
    let readBack =
      switch read {
      case .success(let told): told.status == 0 ? "nothing" : told.complaint
      case .failure(let unseen): unseen.why
      }
    let name = (try? me.get()).map { ", which calls you \($0)," } ?? ""
    return "\(configurationDN) cannot be read: \(uri)\(name) says: \(said); \(source.path): \(readBack)"
  }

  // MARK: Entries of the database

  /// From the running server; where it shows none, from the database itself. No attribute but these is asked for.
  func entries(
    under base: String, scope: String = "sub", filter: String, _ attributes: [String]
  ) -> Result<[LDIFEntry], Unseen> {
    let asked = try? Tool(name: "ldapsearch").run(
      client + ["-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope, filter] + attributes)
    if let asked, asked.status == 0 {
      let found = LDIFEntry.parse(asked.output)
      if !found.isEmpty { return .success(found) }
    }
    return Result { () throws(Unseen) in
      // Without `-s`: slapcat 2.5.13 crashes of it ("free(): invalid pointer"), and loses what it has found.
      let told = try Tool(name: "slapcat").run(["-o", "ldif-wrap=no", "-b", base, "-a", filter] + source.option)
      guard told.status == 0 else { throw Unseen("\(base) cannot be read: \(told.complaint)") }
      return LDIFEntry.parse(told.output).filter { entry in
        scope == "base" ? DN.isEqual(entry.dn, base) : DN.isBelowOrEqual(entry.dn, base)
      }
    }
  }

  // MARK: Access

  /// What slapd's rules give an identity in an entry; `nil` is anonymous. `attributes` are those that slapd knows.
  func rights(of identity: String?, in dn: String, to attributes: [String]) -> Result<Rights, Unseen> {
    Result { () throws(Unseen) in
      let who = identity.map { ["-D", $0] } ?? []
      let told = try Tool(name: "slapacl").run(source.option + ["-b", dn] + who + attributes)
      guard told.status == 0 else { throw Unseen("slapacl on \(dn): \(told.complaint)") }
      return Rights(parsing: told.errors + [0x0A] + told.output)
    }
  }
}
