internal import TOMLKit

/// A TOML file taken apart: every value with its name and its place. Nothing else knows what reads TOML.
struct Document {
  struct Entry {
    /// `table.key`, or the key alone outside any table.
    let name: String
    let raw: Raw
    let position: Problem.Position
  }

  struct Table {
    let position: Problem.Position
    let entries: [Entry]
  }

  /// Tables that may be there many times.
  private static let repeated = ["listen", "organisation", "service"]

  let file: String
  /// In the order of the file.
  let entries: [Entry]
  /// Each table of ``repeated``, with the keys alone as names.
  let tables: [String: [Table]]
  let positions: Positions

  init(_ text: String, file: String) throws(ConfigurationError) {
    // The parser hands strings over up to their first NUL.
    guard !text.utf8.contains(0), !text.contains("\\u0000"), !text.contains("\\U00000000") else {
      throw ConfigurationError(Problem(file: file, message: "there is a NUL"))
    }
    let root: TOMLTable
    do { root = try TOMLTable(string: text) } catch {
      let failure = error as? TOMLParseError
      let position = failure.map { Problem.Position(line: $0.source.begin.line, column: $0.source.begin.column) }
      throw ConfigurationError(
        Problem(file: file, position: position, message: "no TOML: \(failure?.description ?? "unreadable")"))
    }
    let positions = Positions(text)
    var entries: [Entry] = []
    var tables: [String: [Table]] = [:]
    for (key, value) in root {
      if Self.repeated.contains(key), let array = value.array, let found = Self.tables(array) {
        tables[key] = found.enumerated().map { index, table in
          let prefix = "\(key).\(index)"
          return Table(
            position: positions[prefix], entries: Self.entries(table, prefix: "\(prefix).", positions, named: ""))
        }
      } else if let table = value.table {
        entries += Self.entries(table, prefix: "\(key).", positions, named: "\(key).")
      } else {
        entries.append(Entry(name: key, raw: Self.raw(value), position: positions[key]))
      }
    }
    self.file = file
    self.entries = entries.sorted { $0.position < $1.position }
    self.tables = tables
    self.positions = positions
  }

  private static func entries(_ table: TOMLTable, prefix: String, _ positions: Positions, named: String) -> [Entry] {
    table.map { key, value in
      Entry(name: named + key, raw: raw(value), position: positions[prefix + key])
    }
  }

  private static func tables(_ array: TOMLArray) -> [TOMLTable]? {
    let tables = array.compactMap(\.table)
    return tables.count == array.count ? tables : nil
  }

  private static func raw(_ value: any TOMLValueConvertible) -> Raw {
    if let text = value.string { return .text(text) }
    if let number = value.int { return .integer(number) }
    if let flag = value.bool { return .flag(flag) }
    if let array = value.array { return .list(array.map { raw($0) }) }
    return .other(value.type.description)
  }
}
