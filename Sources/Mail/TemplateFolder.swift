internal import Glibc

/// The folder of an administrator's own templates.
enum TemplateFolder {
  /// The names that end in `.txt`, in alphabetical order.
  static func names(in folder: String) throws(TemplateError) -> [String] {
    guard let stream = opendir(folder) else { throw failure(folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasSuffix(".txt"), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The subfolders, which are named after languages.
  static func languages(in folder: String) throws(TemplateError) -> [String] {
    guard let stream = opendir(folder) else { throw failure(folder) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var status = stat()
      guard !name.hasPrefix("."), stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        continue
      }
      names.append(name)
    }
    return names.sorted()
  }

  static func bytes(of file: String) throws(TemplateError) -> [UInt8] {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)  // a FIFO must not hold the start up
    guard descriptor >= 0 else { throw failure(file) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(file) }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= Templates.fileMaxBytes else {
        throw TemplateError(file: file, line: 0, reason: "longer than \(Templates.fileMaxBytes) bytes")
      }
    }
  }

  private static func failure(_ path: String) -> TemplateError {
    TemplateError(file: path, line: 0, reason: String(cString: strerror(errno)))
  }
}
