extension Configuration {
  /// Names of the settings that are others than in an earlier configuration, in the order of the documentation; of
  /// `[[listen]]`, `[[organisation]]` and `[[service]]` the table's name. Files are not compared, only their names.
  public func changes(from before: Configuration) -> [String] {
    Self.settings.filter { $0.differs(self, before) }.map(\.name)
      + [
        listen != before.listen ? "listen" : nil, organisation != before.organisation ? "organisation" : nil,
        service != before.service ? "service" : nil,
      ].compactMap { $0 }
  }
}
