import Glibc
import Wire

/// A connection to one of the daemon's Unix sockets. Every wait has a deadline.
final class Connection {
  static let connectMaxSeconds = 10
  static let sendMaxSeconds = 10
  /// Between one line of a reply and the next: a sweep may walk through a large directory before it finds an account.
  static let lineWaitMaxSeconds = 300
  /// An account each, in the reply to a sweep.
  static let itemsMax = 200_000

  let path: String
  let descriptor: Int32
  private var parser = ReplyParser(itemsMax: Connection.itemsMax)
  /// Bytes that came after the last line.
  private var received: ArraySlice<UInt8> = []

  init(path: String) throws(Failure) {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .unreachable(path: path, errno: errno) }
    try connect()
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  private func connect() throws(Failure) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard name.count < room.count else { return false }  // a NUL ends it
      room.copyBytes(from: name)
      return true
    }
    guard fits else { throw .unreachable(path: path, errno: ENAMETOOLONG) }
    let deadline = Deadline(seconds: Self.connectMaxSeconds)
    while true {
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if result == 0 { return }
      // EAGAIN is a full backlog (unix(7)), and nothing tells when there is room again.
      guard errno == EAGAIN || errno == EINTR, !deadline.isOver else { throw .unreachable(path: path, errno: errno) }
      usleep(50_000)
    }
  }

  /// Sends a line, its LF included. A daemon that hung up is not an error yet: its last reply may be waiting.
  func send(_ line: [UInt8]) throws(Failure) {
    let deadline = Deadline(seconds: Self.sendMaxSeconds)
    var rest = line[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent > 0 {
        rest = rest.dropFirst(sent)
      } else if errno == EAGAIN {
        guard deadline.wait(for: POLLOUT, on: descriptor) else {
          throw .silent(path: path, seconds: Self.sendMaxSeconds)
        }
      } else if errno != EINTR {
        return
      }
    }
  }

  /// The next reply, items and all.
  func reply() throws(Failure) -> Reply {
    while true {
      if let reply = try take(nextLine()) { return reply }
    }
  }

  /// The next reply without its items, each of which is handed over as it comes.
  func reply(items: (Item) -> Void) throws(Failure) -> Reply {
    while true {
      let reply = try take(nextLine())
      for item in parser.takeItems() + (reply?.items ?? []) { items(item) }
      if var reply {
        reply.items = []
        return reply
      }
    }
  }

  private func take(_ line: [UInt8]) throws(Failure) -> Reply? {
    do throws(ReplyError) { return try parser.take(line) } catch { throw .garbage(error) }
  }

  private func nextLine() throws(Failure) -> [UInt8] {
    let deadline = Deadline(seconds: Self.lineWaitMaxSeconds)
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        defer { received = received[end...].dropFirst() }
        return Array(received[..<end])
      }
      guard received.count <= LineLimit.lineMaxBytes else { throw .garbage(.lineTooLong) }
      guard deadline.wait(for: POLLIN, on: descriptor) else {
        throw .silent(path: path, seconds: Self.lineWaitMaxSeconds)
      }
      var chunk = [UInt8](repeating: 0, count: 16_384)
      let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count > 0 {
        received += chunk.prefix(count)
      } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
        throw .closed(path: path)
      }
    }
  }
}
