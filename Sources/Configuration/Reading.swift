/// One pass over a document and an environment, which gathers what is wrong.
struct Reading {
  let document: Document
  private(set) var problems: [Problem] = []
  /// Where each setting that was given was given.
  private var origins: [String: Origin] = [:]

  private enum Origin {
    case file(Problem.Position)
    case variable(String)
  }

  init(document: Document) {
    self.document = document
  }

  /// The defaults, and the document over them.
  mutating func configuration() -> Configuration {
    var configuration = Configuration()
    for setting in Configuration.settings {
      if case .value(let words) = setting.byDefault { _ = setting.apply(.words(words), &configuration) }
    }
    for entry in document.entries {
      read(entry, into: &configuration, of: Configuration.settings, prefix: "")
      origins[entry.name] = .file(entry.position)
    }
    for table in document.tables["listen", default: []] {
      var listener = Listener()
      let names = read(table, "listen", into: &listener, of: Listener.settings)
      if !names.contains("mode"), listener.tls == nil { listener.mode = listener.role.modeByDefault }
      configuration.listen.append(listener)
    }
    for table in document.tables["organisation", default: []].prefix(OrganisationTable.countMax + 1) {
      var organisation = OrganisationTable()
      _ = read(table, "organisation", into: &organisation, of: OrganisationTable.settings)
      configuration.organisation.append(organisation)
    }
    for table in document.tables["service", default: []].prefix(ServiceTable.countMax + 1) {
      var service = ServiceTable()
      _ = read(table, "service", into: &service, of: ServiceTable.settings)
      configuration.service.append(service)
    }
    return configuration
  }

  /// One of many tables; answers the names of what it sets.
  private mutating func read<Root>(
    _ table: Document.Table, _ name: String, into root: inout Root, of settings: [Setting<Root>]
  ) -> Set<String> {
    for entry in table.entries { read(entry, into: &root, of: settings, prefix: "\(name).") }
    let names = Set(table.entries.map(\.name))
    for setting in settings where setting.isRequired && !names.contains(setting.name) {
      problems.append(
        Problem(
          file: document.file, position: table.position, setting: "\(name).\(setting.name)", message: "must be set"))
    }
    return names
  }

  /// `DRAWBRIDGE_…` over the document.
  mutating func override(_ configuration: inout Configuration, by environment: [String: String]) {
    let foreign: Set = ["DRAWBRIDGE_SOCKET", "DRAWBRIDGE_ADMIN_SOCKET", "DRAWBRIDGE_SESSION"]  // the command line's
    for (variable, value) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix("DRAWBRIDGE_") && !foreign.contains(variable) {
      guard let setting = Configuration.settings.first(where: { $0.variable == variable }) else {
        let message = unknown(variable, among: Configuration.settings.map(\.variable), what: "variable")
        problems.append(Problem(file: "environment", setting: variable, message: message))
        continue
      }
      origins[setting.name] = .variable(variable)
      if !setting.apply(.words(value), &configuration) {
        let message = refusal(setting, found: .words(value))
        problems.append(Problem(file: "environment", setting: variable, message: message))
      }
    }
  }

  private mutating func read<Root>(
    _ entry: Document.Entry, into root: inout Root, of settings: [Setting<Root>], prefix: String
  ) {
    guard let setting = settings.first(where: { $0.name == entry.name }) else {
      let message = unknown(prefix + entry.name, among: settings.map { prefix + $0.name }, what: "setting")
      problems.append(
        Problem(file: document.file, position: entry.position, setting: prefix + entry.name, message: message))
      return
    }
    if !setting.apply(entry.raw, &root) {
      let message = refusal(setting, found: entry.raw)
      problems.append(
        Problem(file: document.file, position: entry.position, setting: prefix + entry.name, message: message))
    }
  }

  private func refusal<Root>(_ setting: Setting<Root>, found: Raw) -> String {
    "found \(setting.isConcealed ? "something else (not shown)" : found.description); accepted is \(setting.accepts)"
  }

  private func unknown(_ name: String, among known: [String], what: String) -> String {
    let nearest = known.min { EditDistance.between(name, $0) < EditDistance.between(name, $1) }
    return "no such \(what)\(nearest.map { "; the nearest is \($0)" } ?? "")"
  }

  func isGiven(_ name: String) -> Bool { origins[name] != nil }

  /// Notes what is wrong with a setting of one of many tables, or with its absence.
  mutating func refuse(_ key: String, in table: Document.Table, _ name: String, message: String) {
    let position = table.entries.first { $0.name == key }?.position ?? table.position
    problems.append(Problem(file: document.file, position: position, setting: "\(name).\(key)", message: message))
  }

  /// Notes what is wrong between settings, at the place of the first that was given.
  mutating func refuse(_ names: String..., message: String) {
    let name = names.first { isGiven($0) } ?? names.first ?? ""
    switch origins[name] {
    case .variable(let variable):
      problems.append(Problem(file: "environment", setting: variable, message: message))
    case .file(let position):
      problems.append(Problem(file: document.file, position: position, setting: name, message: message))
    case nil:
      let position = document.positions[name]
      problems.append(Problem(file: document.file, position: position, setting: name, message: message))
    }
  }
}

/// Levenshtein's: how many letters must be put in, taken out or replaced.
enum EditDistance {
  static func between(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8.prefix(100))
    var row = Array(0...right.count)
    for (count, byte) in zip(1..., left.utf8.prefix(100)) {
      var current = [count]
      for (index, other) in right.enumerated() {
        let replaced = row[index] + (byte == other ? 0 : 1)
        current.append(min(replaced, row[index + 1] + 1, current[index] + 1))
      }
      row = current
    }
    return row[right.count]
  }
}
