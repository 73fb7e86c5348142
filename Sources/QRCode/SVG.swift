extension QRCode {
  /// The code as an SVG document of its own, dark on light, with the quiet zone of four modules that the standard asks
  /// for. One unit is one module and the document has no size, so that it fills the place that it gets.
  ///
  /// Every row of modules is a line of text: no line is longer than about 1,300 bytes.
  public func svg() -> String {
    let quiet = 4
    let edge = size + 2 * quiet
    var document = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(edge) \(edge)" shape-rendering="crispEdges">
      <rect width="\(edge)" height="\(edge)" fill="#fff"/>
      <path fill="#000" d="

      """
    for y in 0..<size {
      var line = ""
      for run in darkRuns(row: y) {
        line += "M\(run.lowerBound + quiet) \(y + quiet)h\(run.count)v1h-\(run.count)z"
      }
      document += line.isEmpty ? "" : line + "\n"
    }
    return document + "\"/>\n</svg>\n"
  }

  private func darkRuns(row y: Int) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start: Int?
    for x in 0...size {  // one beyond the edge is light and ends a run
      if self[x, y] {
        start = start ?? x
      } else if let begun = start {
        runs.append(begun..<x)
        start = nil
      }
    }
    return runs
  }
}
