import Glibc

/// One of slapd's own programs, run as a child: no shell, nothing on its input, no secret among its arguments, an
/// environment of two variables, and bounded in time and output.
struct Tool {
  static let secondsMax = 20
  static let outputMaxBytes = 16 << 20

  struct Output: Equatable {
    /// The exit status; 128 and the signal's number for a child that was killed.
    var status: Int32
    /// What killed it; nil where it ended by itself, with whatever status.
    var signal: Int32?
    var output: [UInt8]
    var errors: [UInt8]

    /// What it complained of, for people: the first line that says something.
    var complaint: String {
      // What the C library shouts is no complaint of the program's.
      if let signal { return "it crashed (signal \(signal))" }
      let lines = errors.split(separator: 0x0A).map { Array($0).shown }
      return lines.first { !$0.isEmpty } ?? "exit status \(status)"
    }
  }

  let name: String
  /// Looked into before the folders of the system.
  var folder: String?
  var seconds = Tool.secondsMax
  var bytesMax = Tool.outputMaxBytes

  /// - Throws: ``Unseen`` where there is no such program, or where it took too long or said too much.
  func run(_ arguments: [String]) throws(Unseen) -> Output {
    guard let path else { throw Unseen("\(name) is not installed on this host") }
    guard let output = Pipe(), let errors = Pipe() else { throw Unseen("\(name): no pipe") }
    let child = try spawn(path, arguments, output, errors)
    output.closeWriting()
    errors.closeWriting()
    let deadline = Deadline(seconds: seconds)
    let isDone = Self.drain([output, errors], until: deadline, bytesMax: bytesMax)
    if !isDone { kill(-child, SIGKILL) }
    guard let (status, signal) = Self.wait(for: child, until: deadline), isDone else {
      throw Unseen("\(name) took longer than \(seconds) s, or said more than \(bytesMax) bytes")
    }
    return Output(status: status, signal: signal, output: output.bytes, errors: errors.bytes)
  }

  // MARK: The child

  private static let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/usr/local/libexec"]

  /// Nil where there is no such program.
  var path: String? {
    ([folder].compactMap { $0 } + Self.folders).map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private func spawn(
    _ path: String, _ arguments: [String], _ output: Pipe, _ errors: Pipe
  ) throws(Unseen) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)
    // A group of its own, so that what it starts ends with it; no signal waits there.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    // Somebody's ldaprc could point elsewhere (ldap.conf(5)).
    let environment = ["LC_ALL=C", "LDAPNOINIT=1"]
    var child: pid_t = 0
    let code = withCStrings([name] + arguments) { argv in
      withCStrings(environment) { posix_spawn(&child, path, &actions, &attributes, argv, $0) }
    }
    guard code == 0 else { throw Unseen("\(name): \(String(cString: strerror(code)))") }
    return child
  }

  /// True where both came to their end in time, and within their limit.
  private static func drain(_ pipes: [Pipe], until deadline: Deadline, bytesMax: Int) -> Bool {
    while true {
      let open = pipes.filter { !$0.isAtEnd }
      if open.isEmpty { return true }
      var ready = open.map { pollfd(fd: $0.reading, events: Int16(POLLIN), revents: 0) }
      guard !deadline.isOver else { return false }
      guard poll(&ready, nfds_t(ready.count), Int32(clamping: deadline.remainingMilliseconds)) > 0 else { continue }
      for (pipe, entry) in zip(open, ready) where entry.revents != 0 {
        pipe.fill()
        if pipe.bytes.count > bytesMax { return false }
      }
    }
  }

  /// Nil at the deadline.
  private static func wait(for child: pid_t, until deadline: Deadline) -> (status: Int32, signal: Int32?)? {
    var status: Int32 = 0
    while true {
      let ended = waitpid(child, &status, WNOHANG)
      // Those of wait(2): an exit status of 255 is no signal, and LDAP's tools have it where there is no server.
      if ended == child {
        let signal = status & 0x7F
        return signal == 0 ? ((status >> 8) & 0xFF, nil) : (128 + signal, signal)
      }
      if ended < 0, errno != EINTR { return nil }
      if deadline.isOver {
        kill(-child, SIGKILL)
        _ = waitpid(child, &status, 0)  // it cannot refuse this signal
        return nil
      }
      usleep(5_000)
    }
  }
}

/// Why something was not seen.
struct Unseen: Error, Equatable {
  let why: String
  /// The exit status of the program that was asked, where that tells more: of LDAP's tools, the result code.
  let status: Int32?

  init(_ why: String, status: Int32? = nil) { (self.why, self.status) = (why, status) }
}

extension Result where Failure == Unseen {
  init(_ body: () throws(Unseen) -> Success) {
    do { self = .success(try body()) } catch { self = .failure(error) }
  }
}

private final class Pipe {
  let reading: Int32
  private(set) var writing: Int32
  private(set) var bytes: [UInt8] = []
  private(set) var isAtEnd = false

  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    closeWriting()
  }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  func fill() {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = chunk.withUnsafeMutableBytes { read(reading, $0.baseAddress, $0.count) }
    if count > 0 { bytes += chunk.prefix(count) }
    if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { isAtEnd = true }
  }
}

/// The strings as an array of C strings with a NULL at its end, for the time of the call.
private func withCStrings<Value>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
  let copies = texts.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return (copies + [nil]).withUnsafeBufferPointer { buffer in
    var end: UnsafeMutablePointer<CChar>?
    return withUnsafePointer(to: &end) { body(buffer.baseAddress ?? $0) }
  }
}
