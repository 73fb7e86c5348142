import Wire

/// Comma-separated values (RFC 4180) with a header row of names among ``names``, in any order. An empty cell is none.
final class CSVSource: ImportSource {
  static let names = ["login"] + Request.Admin.importedAttributes

  private enum Broken: Error { case record(String) }

  private let reader: LineReader
  private var header: [String]?

  init(_ reader: LineReader) { self.reader = reader }

  func next() throws(InputError) -> ImportEntry {
    while true {
      let first = reader.number + 1
      let record: [[UInt8]]?
      do { record = try self.record() } catch let error as InputError { throw error } catch {
        guard case Broken.record(let why) = error else { return .fault(line: first, "unreadable") }
        return header == nil ? .end(fault: "the header: \(why)", line: first) : .fault(line: first, why)
      }
      guard let record else {
        return .end(fault: header == nil ? "there is no header row" : nil, line: max(1, reader.number))
      }
      if record.count == 1, record[0].isEmpty { continue }
      guard let header else {
        if let fault = take(header: record) { return .end(fault: fault, line: first) }
        continue
      }
      guard record.count == header.count else {
        return .fault(line: first, "\(record.count) cells, and the header has \(header.count)")
      }
      let values = zip(header, record).filter { !$1.isEmpty }.map { (name: $0, value: $1) }
      guard let row = ImportRow(line: first, values: values) else {
        return .fault(line: first, "there is no login, no mail and no uid")
      }
      return .row(row)
    }
  }

  private func take(header cells: [[UInt8]]) -> String? {
    var names: [String] = []
    for cell in cells {
      let written = String(decoding: cell, as: UTF8.self)
      guard let name = Self.names.first(where: { $0.lowercased() == written.lowercased() }) else {
        return "the header names a column that is none of \(Self.names.joined(separator: ", "))"
      }
      guard !names.contains(name) else { return "the header names \(name) twice" }
      names.append(name)
    }
    header = names
    return nil
  }

  /// One record, which quoted cells may stretch over several lines.
  private func record() throws -> [[UInt8]]? {
    guard var line = try reader.line() else { return nil }
    // Spreadsheets put a byte order mark first.
    if reader.number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    var cells: [[UInt8]] = [[]]
    var isQuoted = false
    var wasQuoted = false
    while true {
      var index = 0
      if !isQuoted, line.last == 0x0D { line.removeLast() }
      while index < line.count {
        let byte = line[index]
        if isQuoted {
          if byte != UInt8(ascii: "\"") {
            cells[cells.count - 1].append(byte)
          } else if index + 1 < line.count, line[index + 1] == UInt8(ascii: "\"") {
            cells[cells.count - 1].append(byte)
            index += 1
          } else {
            (isQuoted, wasQuoted) = (false, true)
            if line.last == 0x0D { line.removeLast() }
          }
        } else if byte == UInt8(ascii: ",") {
          cells.append([])
          wasQuoted = false
        } else if wasQuoted {
          throw Broken.record("something follows the end of a quoted cell")
        } else if byte == UInt8(ascii: "\"") {
          guard cells.last?.isEmpty ?? false else { throw Broken.record("a quote stands in a cell that is not quoted") }
          isQuoted = true
        } else {
          cells[cells.count - 1].append(byte)
        }
        index += 1
      }
      guard isQuoted else { return cells }
      cells[cells.count - 1].append(0x0A)
      guard cells.reduce(0, { $0 + $1.count }) <= LineReader.lineMaxBytes, let more = try reader.line() else {
        throw Broken.record("a quoted cell has no end")
      }
      line = more
    }
  }
}
