internal import Wire

extension Administration {
  /// `METRICS`: an item for each line of the OpenMetrics text.
  func metrics(items: ItemSink) async -> Reply {
    let lines = Exposition.openMetrics.lines(of: await survey.families())
    for line in lines {
      guard await items(Item(text: line)) else { break }
    }
    return .ok("metrics", [Field("count", lines.count)])
  }
}
