/// Rows for people: columns as wide as their widest cell, two blanks between them, none at the end of a line.
struct Table {
  private let rows: [[String]]

  /// Cells have no line breaks. A header is shown in capitals.
  init(header: [String] = [], rows: [[String]]) {
    self.rows = header.isEmpty ? rows : [header.map { $0.uppercased() }] + rows
  }

  var lines: [String] {
    var widths: [Int] = []
    for row in rows {
      widths += Array(repeating: 0, count: max(0, row.count - widths.count))
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
    }
    return rows.map { row in
      let line = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count + 2) }
        .joined()
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
