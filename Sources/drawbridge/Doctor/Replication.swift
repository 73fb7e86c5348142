import Wire

/// How the database is replicated, and what holds then.
enum Replication {
  enum Topology: Equatable {
    case single
    /// Others copy it.
    case provider
    /// It copies another, and takes no writes.
    case consumer
    case severalProviders(isDelta: Bool)
  }

  static func topology(_ database: SlapdConfiguration.Database) -> Topology {
    let sources = database.entry.values("olcSyncrepl")
    if database.entry.isTrue("olcReadOnly") { return .consumer }
    if sources.isEmpty { return database.overlay("syncprov") == nil ? .single : .provider }
    let takesWrites = database.entry.isTrue("olcMultiProvider") || database.entry.isTrue("olcMirrorMode")
    guard takesWrites else { return .consumer }
    let isDelta = sources.allSatisfy { $0.lowercased().contains("syncdata=accesslog") }
    return .severalProviders(isDelta: isDelta)
  }

  static func finding(_ database: SlapdConfiguration.Database) -> Finding {
    let check = "replication.topology"
    switch topology(database) {
    case .single:
      return Finding(check, .good, "One server, not replicated: \"once only\" holds for every daemon that uses it.")
    case .provider:
      return Finding(
        check, .good, "One provider that others copy: \"once only\" holds for every daemon that writes to this one.")
    case .consumer:
      return Finding(
        check, .bad, "This server takes no writes.",
        why: "Every sign-in writes: the daemon answers LATER for all of them.",
        mend: "directory.uris: put a provider first; a copy is of no use there")
    case .severalProviders(isDelta: true):
      return Finding(
        check, .note,
        "Several providers with delta-syncrepl: \"once only\" holds on each provider, and changes of different "
          + "attributes at the same moment all survive.",
        why: "Two providers that are hit at the same instant accept the same code twice.",
        mend: "directory.uris: the same order on every host, so that all daemons write to the same provider")
    case .severalProviders(isDelta: false):
      return Finding(
        check, .warning,
        "Several providers with plain syncrepl: \"once only\" holds on each provider, and of two changes of an entry at "
          + "the same moment one is lost, a deactivation among them.",
        why: "Plain syncrepl sends whole entries, and the last one wins.",
        mend: "Add accesslog, and to each olcSyncrepl: syncdata=accesslog logbase=\"cn=accesslog\" "
          + "logfilter=\"(&(objectClass=auditWriteObject)(reqResult=0))\"; and the same order in every directory.uris")
    }
  }
}
