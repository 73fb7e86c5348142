/// Rows for people: columns as wide as their widest cell, two blanks between them, none at the end of a line.
struct Table {
  private let rows: [[String]]
  let widths: [Int]

  /// Cells have no line breaks. A header is shown in capitals.
  ///
  /// - Parameter widths: of the columns, at the least.
  init(header: [String] = [], rows: [[String]], widths: [Int] = []) {
    self.rows = header.isEmpty ? rows : [header.map { $0.uppercased() }] + rows
    var widths = widths
    for row in self.rows {
      widths += Array(repeating: 0, count: max(0, row.count - widths.count))
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    self.widths = widths
  }

  var lines: [String] {
    rows.map { row in
      let line = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count + 2) }
        .joined()
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}

/// Rows that come one by one, as many as there may be: shown in blocks, each at least as wide as the one before.
final class StreamedTable {
  private static let blockRows = 200

  private let terminal: Terminal
  private var widths: [Int]
  private var rows: [[String]]

  init(header: [String], on terminal: Terminal) {
    self.terminal = terminal
    rows = [header.map { $0.uppercased() }]
    widths = header.map(\.count)
  }

  func add(_ row: [String]) {
    rows.append(row)
    if rows.count >= Self.blockRows { flush() }
  }

  func flush() {
    let table = Table(rows: rows, widths: widths)
    widths = table.widths
    for line in table.lines { terminal.say(line) }
    rows = []
  }
}
