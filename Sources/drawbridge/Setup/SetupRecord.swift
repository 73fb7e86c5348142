import Glibc
import Wire

/// What setups loaded, by which it can be taken back: files of LDIF in a folder of root's own, one a run.
struct SetupRecord {
  static let filesMax = 1_000

  let folder: String

  /// A new file. A step stands in it before it is loaded, so that nothing is loaded that it does not know of.
  func begin() throws(Unseen) -> String {
    try SetupFile.makeFolder(folder, mode: 0o700)
    _ = try files()
    let present = (FolderListing.names(in: folder) ?? []).compactMap { name in Int(name.prefix { $0 != "." }) }
    guard present.count < Self.filesMax else { throw Unseen("\(folder) holds \(Self.filesMax) records") }
    let number = String((present.max() ?? 0) + 1)
    let path = "\(folder)/\(String(repeating: "0", count: max(0, 4 - number.utf8.count)))\(number).ldif"
    try SetupFile.write(
      "# Written by drawbridge setup; read by drawbridge setup --take-back.\n\n", to: path, mode: 0o600)
    return path
  }

  /// The oldest first.
  func files() throws(Unseen) -> [String] {
    var status = stat()
    guard lstat(folder, &status) == 0 else { return [] }
    // Who could write here could have root take away any value of cn=config.
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      throw Unseen("\(folder) is not a folder that you alone may write to")
    }
    return (FolderListing.names(in: folder) ?? []).filter { $0.hasSuffix(".ldif") }.sorted().map { "\(folder)/\($0)" }
  }

  /// A record that is done with is kept, for people.
  static func close(_ path: String) { rename(path, "\(path).done") }

  struct Step {
    let change: DirectoryChange
    /// By an earlier run, which did not come to the end of the record.
    let isTaken: Bool
  }

  static func steps(in path: String) throws(Unseen) -> [Step] {
    guard let text = SmallFile.read(path) else { throw Unseen("\(path) cannot be read") }
    let entries = LDIFEntry.parse(text)
    return entries.compactMap(DirectoryChange.init(recorded:)).map { change in
      Step(change: change, isTaken: entries.contains(where: change.isTaken))
    }
  }
}
