import Glibc
import Wire

/// The folder of the daemon's configuration, and what lies in it.
enum ConfigurationFolder {
  struct File: Equatable {
    let path: String
    let mode: UInt32
    let uid: UInt32
    var isRegular = true
  }

  /// The folder itself first.
  static func look(at folder: String) -> Result<[File], Unseen> {
    guard let names = FolderListing.names(in: folder) else {
      return .failure(Unseen("\(folder): \(String(cString: strerror(errno)))"))
    }
    return .success(([folder] + names.map { "\(folder)/\($0)" }).compactMap(file))
  }

  static func file(_ path: String) -> File? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { return nil }
    return File(
      path: path, mode: status.st_mode & 0o7777, uid: status.st_uid, isRegular: status.st_mode & S_IFMT == S_IFREG)
  }

  static func finding(_ files: Result<[File], Unseen>, daemon uid: UInt32) -> Finding {
    let check = "files.configuration-folder"
    switch files {
    case .failure(let unseen): return .unseen(check, unseen)
    case .success(let files):
      // Sockets and the like are not read as configuration.
      let faulty = files.enumerated().filter { index, file in
        (index == 0 || file.isRegular) && (file.mode & 0o022 != 0 || (file.uid != 0 && file.uid != uid))
      }.map(\.element)
      guard let first = faulty.first else {
        return Finding(check, .good, "Nobody but root and the daemon writes to \(files.first?.path ?? "its folder").")
      }
      return Finding(
        check, .bad,
        "Others may write to "
          + faulty.prefix(5).map { "\($0.path) (\(String($0.mode, radix: 8)))" }
          .joined(separator: ", ") + ".",
        why: "Whoever writes there decides by which directory people are known, and where codes are mailed to.",
        mend: "chown root: \(first.path); chmod go-w \(first.path)")
    }
  }
}
