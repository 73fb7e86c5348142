/// What can be told of a `slapd.conf` that slapd's tools do not turn into `cn=config`: 2.5.13's abort at slapo-sock.
enum SlapdConfFile {
  /// Whether an `overlay sock` of this file has a bind hook. Files that it includes are not read.
  static func hasBindHook(_ text: [UInt8]) -> Bool {
    var isSock = false
    for line in text.split(separator: 0x0A) {
      let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map {
        String(decoding: $0, as: UTF8.self).lowercased()
      }
      switch words.first {
      case "overlay": isSock = words.dropFirst().first == "sock"
      case "database": isSock = false
      case "sockops" where isSock && words.contains("bind"): return true
      default: continue
      }
    }
    return false
  }
}
