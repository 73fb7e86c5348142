public import Foundation
internal import Glibc

/// A program that is run to its end.
public enum Command {
  public struct Result: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String
  }

  /// What is meant for the tests themselves is no setting of a daemon.
  static var inherited: [String: String] {
    ProcessInfo.processInfo.environment.filter { $0.key != "DRAWBRIDGE_SLOW" }
  }

  public static func run(
    _ program: String, _ arguments: [String] = [], input: String = "", environment: [String: String] = [:],
    within seconds: TimeInterval = 60
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = Command.inherited.merging(environment) { $1 }
    _ = ignoresBrokenPipes
    let (stdin, stdout, stderr) = try launching.withLock {
      let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
      (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
      try process.run()
      return (stdin, stdout, stderr)
    }
    // On a thread of its own: a program that answers while it reads would wait for us, and we for it. It may also end
    // without reading.
    let writer = Thread {
      try? stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try? stdin.fileHandleForWriting.close()
    }
    writer.start()
    let pid = process.processIdentifier  // alone: the queue keeps the item, and what it holds, until the deadline
    let watchdog = DispatchWorkItem { kill(pid, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: watchdog)
    defer { watchdog.cancel() }
    let errors = Box()
    let reader = Thread { errors.set(stderr.fileHandleForReading.readDataToEndOfFile()) }
    reader.start()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors.get(), as: UTF8.self))
  }

  /// One program at a time is started: another one that starts meanwhile would inherit the ends of these pipes, and who
  /// reads would wait for both.
  fileprivate static let launching = NSLock()

  private static let ignoresBrokenPipes: Bool = Glibc.signal(SIGPIPE, SIG_IGN) == nil

  private final class Box: @unchecked Sendable {
    private let filled = DispatchSemaphore(value: 0)
    private var data = Data()
    func set(_ data: Data) {
      self.data = data
      filled.signal()
    }
    func get() -> Data {
      filled.wait()
      return data
    }
  }
}

/// A server that runs beside the tests. It dies with them: a shell holds its life line, a pipe that the kernel closes.
public final class Child: @unchecked Sendable {
  private let process = Process()
  private let lifeline = Pipe()
  public let pid: Int32

  public init(_ arguments: [String], in directory: String, log: String, environment: [String: String] = [:]) throws {
    let name = "\(directory)/pid-\(UUID().uuidString.prefix(8))"
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      [
        "-c",
        "log=$1 name=$2; shift 2; \"$@\" >>\"$log\" 2>&1 </dev/null & pid=$!; echo $pid >\"$name.new\"; "
          + "mv \"$name.new\" \"$name\"; cat >/dev/null; kill -9 $pid 2>/dev/null; wait", "sh", log, name,
      ] + arguments
    process.environment = Command.inherited.merging(environment) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = lifeline
    try Command.launching.withLock { [process] in try process.run() }
    pid = try Fixtures.await("the pid of \(arguments.first ?? "")") {
      (try? String(contentsOfFile: name, encoding: .utf8)).flatMap {
        Int32($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
  }

  /// Gone, or a zombie that its shell has not collected yet.
  public var isAlive: Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return !stat.contains(") Z ")
  }

  public func signal(_ signal: Int32) { kill(pid, signal) }

  /// Stops it, and waits until each of its threads has stopped: one that still runs may answer.
  public func stop() {
    signal(SIGSTOP)
    _ = try? Fixtures.await("the stop of \(pid)") {
      let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
      let states = threads.map { thread in
        let line = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/stat", encoding: .utf8)) ?? ""
        return line.split(separator: ")").last?.split(separator: " ").first
      }
      return states.allSatisfy { $0 == "T" } ? true : nil
    }
  }

  public func waitUntilDead(within seconds: TimeInterval = 30) throws {
    try Fixtures.await("the end of \(pid)", within: seconds) { isAlive ? nil : true }
  }

  public func end() {
    signal(SIGKILL)
    try? lifeline.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
