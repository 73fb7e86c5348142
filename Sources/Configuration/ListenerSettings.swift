extension Listener {
  static let settings: [Setting<Listener>] = [
    Setting(
      "path", .socketPath, .derived("needed unless there is an `address`"), to: \.path,
      "The socket; its folder must be there, and the daemon's user must be able to write to it."),
    Setting(
      "role", .choice, .value("signin"), to: \.role,
      "What it is for: `signin`, `admin`, `metrics`, or a [door](doors.md), `saslauthd` or `dovecot`."),
    Setting(
      "mode", .mode, .derived("`0666` for signin, `0600` for admin, `0660` for doors and metrics"), to: \.mode,
      "Its permission bits."),
    Setting(
      "group", .name, .none, toOptional: \.group, "The group that it belongs to; the daemon's user must be a member."),
    Setting(
      "concurrent", .integer(1...1_000), .value("8"), to: \.concurrent,
      "Of a door: passwords that are checked at a time; half of slapd's threads at the most."),
    Setting(
      "address", .listenAddress, .none, to: \.address,
      "In place of a path: where TLS is spoken over TCP. What follows goes with it alone."),
    Setting(
      "certificate", .path, .derived("needed with an `address`"), to: \.remote.certificate,
      "The daemon's certificate in PEM, and those up to its authority behind it."),
    Setting(
      "key", .path, .derived("needed with an `address`"), to: \.remote.key,
      "Its key in PEM, in a file of the daemon's own, mode 0400 or 0600."),
    Setting("tls-minimum", .choice, .value("1.3"), to: \.remote.minimum, "The oldest version of TLS that is spoken."),
    Setting(
      "client-certificates", .choice, .value("none"), to: \.remote.clientCertificates,
      "Whether clients are asked for a certificate, and whether they must have one."),
    Setting(
      "client-ca", .path, .none, toOptional: \.remote.clientCA,
      "Certificates in PEM of the authorities that sign those of clients."),
    Setting(
      "trusted-names", .list(of: .text(maxBytes: 256), 0...64), .value(""), to: \.remote.trustedNames,
      "Names in client certificates whose `from=` is believed; with role `admin`, who may administer."),
  ]
}
