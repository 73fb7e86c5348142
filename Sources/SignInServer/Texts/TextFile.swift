internal import Configuration
internal import Glibc

/// A file of texts: lines of `key = text`, blank ones, and comments that begin with `#`; UTF-8.
struct TextFile {
  struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  static let fileMaxBytes = 32_768
  static let textMaxBytes = 300
  static let filesMax = 200

  private(set) var texts: [Text: String] = [:]

  /// - Parameter name: what errors say of the file.
  init(_ bytes: [UInt8], name: String) throws(Failure) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      func failure(_ reason: String) -> Failure { Failure(description: "\(name):\(index + 1): \(reason)") }
      guard let line = String(validating: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self) else {
        throw failure("this is no UTF-8")
      }
      if line.utf8.allSatisfy({ $0 == 0x20 }) || line.utf8.first == UInt8(ascii: "#") { continue }
      guard let equals = line.utf8.firstIndex(of: UInt8(ascii: "=")) else {
        throw failure("`key = text` is missing its =")
      }
      let key = Self.trimmed(line[..<equals])
      let text = Self.trimmed(line[line.utf8.index(after: equals)...])
      guard let known = Text(rawValue: key) else { throw failure("no text is called \(key)") }
      guard texts[known] == nil else { throw failure("\(key) stands there twice") }
      guard (1...Self.textMaxBytes).contains(text.utf8.count),
        !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      else { throw failure("a text has 1 to \(Self.textMaxBytes) bytes and no control characters") }
      guard Self.placeholders(text) == [known.placeholder].compactMap({ $0 }) else {
        throw failure(known.placeholder.map { "\($0) must stand there once, and no other brace" } ?? "a brace")
      }
      texts[known] = text
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var bytes = text.utf8[...]
    while bytes.first == 0x20 { bytes.removeFirst() }
    while bytes.last == 0x20 { bytes.removeLast() }
    return String(bytes) ?? ""
  }

  /// `{contact}`, in the order in which they stand there; a brace that belongs to none stands for itself.
  private static func placeholders(_ text: String) -> [String] {
    var found: [String] = []
    var rest = text[...]
    while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else {
        return found + [String(rest[open])]
      }
      found.append(String(rest[open...close]))
      rest = rest[rest.index(after: close)...]
    }
    return found
  }

  // MARK: A folder of them

  /// The files `LANGUAGE.txt` of a folder, by language.
  static func folder(_ path: String) throws(Failure) -> [LanguageTag: TextFile] {
    guard let stream = opendir(path) else { throw failure(path) }
    defer { closedir(stream) }
    var files: [LanguageTag: TextFile] = [:]
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard name.suffix(4).elementsEqual(".txt".utf8), name.first != UInt8(ascii: ".") else { continue }
      let file = "\(path)/\(String(decoding: name, as: UTF8.self))"
      guard let tag = LanguageTag(name.dropLast(4)) else {
        throw Failure(description: "\(file): its name is no language's, such as fr.txt or nl-BE.txt")
      }
      guard files.count < filesMax, files[tag] == nil else {
        throw Failure(description: "\(file): a language twice, or more than \(filesMax) of them")
      }
      files[tag] = try TextFile(try bytes(of: file), name: file)
    }
    return files
  }

  private static func bytes(of file: String) throws(Failure) -> [UInt8] {
    do throws(ConfigurationError) { return try ConfigurationFile.bytes(of: file, max: fileMaxBytes) } catch {
      throw Failure(description: "\(error)")
    }
  }

  private static func failure(_ path: String) -> Failure {
    Failure(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
