import Wire

/// Somebody to import, and the line of the input that says so.
struct ImportRow: Equatable {
  let line: Int
  let login: [UInt8]
  let attributes: [Field]
}

/// What an input holds at one place.
enum ImportEntry: Equatable {
  case row(ImportRow)
  /// Nobody's entry: a folder of the directory, say.
  case nobody(line: Int)
  /// Not readable; the input goes on behind it.
  case fault(line: Int, String)
  /// Nothing can be read from here on.
  case end(fault: String?, line: Int)
}

/// An input of people, one at a time.
protocol ImportSource: AnyObject {
  func next() throws(InputError) -> ImportEntry
}

extension ImportRow {
  /// The login is what the input calls so; else the address, else the uid. Nil where there is none of them.
  init?(line: Int, values: [(name: String, value: [UInt8])]) {
    func value(_ name: String) -> [UInt8]? { values.first { $0.name == name }?.value }
    guard let login = value("login") ?? value("mail") ?? value("uid") else { return nil }
    self.line = line
    self.login = login
    attributes = values.filter { $0.name != "login" }.map { Field($0.name, $0.value) }
  }
}
