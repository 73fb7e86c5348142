import ArgumentParser
import Glibc

/// One deactivation, as the record of a sweep tells of it: LDIF whose comments hold the entryUUID.
struct RecordedDeactivation: Equatable {
  static let fileMaxBytes = 1 << 30
  static let lineMaxBytes = 65_536
  static let countMax = 1_000_000

  let id: [UInt8]
  /// The marker's value.
  let time: [UInt8]

  enum Failure: Error, Equatable {
    case unreadable(errno: Int32)
    case tooLong
    /// A marker without the comment that says whose it is.
    case malformed(line: Int)

    var message: String {
      switch self {
      case .unreadable(let errno): "This cannot be read: \(String(cString: strerror(errno)))."
      case .tooLong: "This is too long for the record of a sweep."
      case .malformed(let line): "Line \(line): this is no record of a sweep."
      }
    }

    var exitCode: ExitCode {
      switch self {
      case .unreadable: ExitCode(EX_NOINPUT)
      case .tooLong, .malformed: ExitCode(EX_DATAERR)
      }
    }
  }

  /// A last line without its end is left out: before the daemon had written all of it, it deactivated nobody of it.
  static func read(_ path: String) throws(Failure) -> [RecordedDeactivation] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(errno: errno) }
    defer { close(descriptor) }
    var reading = Reading()
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var total = 0
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(errno: errno) }
      if count == 0 { return reading.found }
      total += count
      guard total <= fileMaxBytes else { throw .tooLong }
      try reading.take(chunk.prefix(count))
    }
  }

  private struct Reading {
    private static let idPrefix = Array("# entryUUID: ".utf8)
    private static let timePrefix = Array("drawbridgeDeactivatedTime: ".utf8)

    private(set) var found: [RecordedDeactivation] = []
    private var line: [UInt8] = []
    private var number = 0
    private var id: [UInt8]?

    mutating func take(_ bytes: ArraySlice<UInt8>) throws(Failure) {
      for byte in bytes {
        if byte == 0x0A {
          try end()
        } else {
          guard line.count < lineMaxBytes else { throw .tooLong }
          line.append(byte)
        }
      }
    }

    private mutating func end() throws(Failure) {
      number += 1
      if line.last == 0x0D { line.removeLast() }
      if line.starts(with: Self.idPrefix) {
        id = Array(line.dropFirst(Self.idPrefix.count))
      } else if line.starts(with: Self.timePrefix) {
        guard let known = id else { throw .malformed(line: number) }
        guard found.count < countMax else { throw .tooLong }
        found.append(RecordedDeactivation(id: known, time: Array(line.dropFirst(Self.timePrefix.count))))
        id = nil
      } else if line.contains(0) {
        throw .malformed(line: number)
      }
      line.removeAll(keepingCapacity: true)
    }
  }
}
