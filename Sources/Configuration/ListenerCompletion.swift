extension Reading {
  /// The two standard sockets where none is given, and what does not go together in a `[[listen]]`.
  mutating func completeListeners(_ listeners: inout [Listener]) {
    if listeners.isEmpty {
      listeners = [
        Listener(path: "/run/drawbridge/signin.sock", role: .signin, mode: 0o666),
        Listener(path: "/run/drawbridge/admin.sock", role: .admin, mode: 0o600),
      ]
    }
    if listeners.count > 16 { refuse("listen", message: "more than 16") }
    let paths = listeners.filter { $0.tls == nil }.map(\.path)
    if Set(paths).count < paths.count { refuse("listen", message: "two have the same path") }
    let addresses = listeners.compactMap { $0.address?.description }
    if Set(addresses).count < addresses.count { refuse("listen", message: "two have the same address") }
    for (listener, table) in zip(listeners, document.tables["listen", default: []]) {
      let names = Set(table.entries.map(\.name))
      if names.contains("address") {
        check(listener.remote, role: listener.role, names, table)
      } else {
        check(listener, names, table)
      }
    }
  }

  private mutating func check(_ listener: Listener, _ names: Set<String>, _ table: Document.Table) {
    func refuse(_ key: String, _ message: String) { self.refuse(key, in: table, "listen", message: message) }
    if !names.contains("path") { refuse("path", "must be set, or an address") }
    if listener.role != .signin, listener.mode & 0o007 != 0 {
      let kind =
        switch listener.role {
        case .saslauthd, .dovecot: "a door"
        case .metrics: "a socket of metrics"
        case .signin, .admin: "an admin socket"
        }
      refuse("mode", "\(kind) is not for everybody; set \"0600\", or \"0660\" and group")
    }
    for name in ["certificate", "key", "tls-minimum", "client-certificates", "client-ca", "trusted-names"]
    where names.contains(name) {
      refuse(name, "goes with an address alone")
    }
  }

  private mutating func check(
    _ tls: TLSSettings, role: Listener.Role, _ names: Set<String>, _ table: Document.Table
  ) {
    func refuse(_ key: String, _ message: String) { self.refuse(key, in: table, "listen", message: message) }
    for name in ["path", "mode", "group"] where names.contains(name) { refuse(name, "does not go with an address") }
    for name in ["certificate", "key"] where !names.contains(name) { refuse(name, "must be set: TLS needs both") }
    let asks = tls.clientCertificates != .none
    if asks, tls.clientCA == nil { refuse("client-certificates", "needs client-ca") }
    if !asks {
      for name in ["client-ca", "trusted-names"] where names.contains(name) {
        refuse(name, "needs client-certificates = \"optional\" or \"required\"")
      }
    }
    switch role {
    case .signin: break
    case .metrics: refuse("role", "metrics are read at a Unix socket: set path in place of an address")
    case .saslauthd, .dovecot: refuse("role", "a door is a Unix socket: set path in place of an address")
    case .admin:
      if tls.clientCertificates != .required || tls.trustedNames.isEmpty {
        refuse("role", "\"admin\" over TLS needs client-certificates = \"required\", and trusted-names")
      }
    }
  }
}
