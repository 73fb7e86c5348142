import Glibc

/// What lies in a folder.
enum FolderListing {
  static let namesMax = 1_000

  /// Names, but for the folder's own and the one above it; nil, with `errno`, where it cannot be read. Those beyond
  /// ``namesMax`` are left out.
  static func names(in folder: String) -> [String]? {
    guard let listing = opendir(folder) else { return nil }
    defer { closedir(listing) }
    var names: [String] = []
    while names.count < namesMax, let next = readdir(listing) {
      let name = withUnsafeBytes(of: next.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
