import Glibc

/// Why an input is of no use; exit codes of sysexits.h.
enum InputError: Error, Equatable {
  case unreadable(path: String, errno: Int32)
  /// A line that is longer than any entry needs.
  case lineTooLong(line: Int)
}

/// The lines of a file or of the standard input, as bytes, one at a time.
final class LineReader {
  static let lineMaxBytes = 4 << 20
  private static let chunkBytes = 65_536

  private let path: String
  private let descriptor: Int32
  private var chunk: [UInt8] = []
  private var next = 0
  private var isAtEnd = false
  /// Of the line that was read last, from 1.
  private(set) var number = 0

  /// - Parameter path: `-` is the standard input.
  init(_ path: String) throws(InputError) {
    self.path = path == "-" ? "the standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
  }

  deinit {
    if descriptor > STDIN_FILENO { close(descriptor) }
  }

  /// The next line without its LF; the last one may lack it. Nil at the end.
  func line() throws(InputError) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if next < chunk.count {
        let rest = chunk[next...]
        let end = rest.firstIndex(of: 0x0A)
        line += rest[..<(end ?? rest.endIndex)]
        next = end.map { $0 + 1 } ?? chunk.count
        guard line.count <= Self.lineMaxBytes else { throw .lineTooLong(line: number + 1) }
        if end != nil { break }
      }
      if isAtEnd {
        guard !line.isEmpty else { return nil }
        break
      }
      try fill()
    }
    number += 1
    return line
  }

  private func fill() throws(InputError) {
    if chunk.count != Self.chunkBytes { chunk = [UInt8](repeating: 0, count: Self.chunkBytes) }
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, Self.chunkBytes) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(path: path, errno: errno) }
      isAtEnd = count == 0
      chunk.removeLast(Self.chunkBytes - count)
      next = 0
      return
    }
  }
}
