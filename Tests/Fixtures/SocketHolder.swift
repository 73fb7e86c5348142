import Foundation

/// What a service manager does that holds the sockets of a daemon and starts it anew: each time it waits for the daemon's
/// end, as `systemctl restart` does.
public final class SocketHolder: Sendable {
  private let child: Child
  private let log: String

  private static let script = """
    import os, signal, socket, subprocess, sys, time
    folder, rounds, pause, command = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(folder + "/notify")
    notify.settimeout(60)
    for number, name in enumerate(["signin.sock", "admin.sock"]):
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        held.bind(folder + "/" + name)
        held.listen(512)
        os.dup2(held.fileno(), 200 + number)
    def start():
        environment = dict(os.environ, LISTEN_FDS="2", NOTIFY_SOCKET=folder + "/notify")
        shell = 'exec 3<&200 4<&201 200<&- 201<&-; export LISTEN_PID=$$; exec "$@"'
        child = subprocess.Popen(["sh", "-c", shell, "sh"] + command, env=environment, pass_fds=(200, 201))
        while not notify.recv(4096).startswith(b"READY=1"): pass
        print("ready", flush=True)
        return child
    child = start()
    for _ in range(rounds):
        time.sleep(pause)
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        print("ended with", child.wait(60), "after", round(time.monotonic() - begun, 2), flush=True)
        child = start()
    print("rounds are over", flush=True)
    signal.pause()
    """

  /// - Parameters:
  ///   - daemon: that is not running; its configuration and sockets are used.
  ///   - rounds: how often it is started anew.
  ///   - pause: for which each serves, in seconds.
  public init(_ daemon: Daemon, rounds: Int, pause: Double = 0.2) throws {
    log = "\(daemon.directory)/holder.log"
    // bash reads descriptors of more than one digit.
    let script = Self.script.replacingOccurrences(of: "[\"sh\", \"-c\"", with: "[\"bash\", \"-c\"")
    child = try Child(
      [
        "python3", "-c", script, daemon.directory, "\(rounds)", "\(pause)", try Daemon.binary("drawbridged"),
        "--config", "\(daemon.directory)/drawbridged.toml",
      ], in: daemon.directory, log: log,
      environment: ["DRAWBRIDGE_INACTIVITY_RECORDS": "\(daemon.directory)/sweeps"])
  }

  public var told: [String] {
    ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
  }

  public var isOver: Bool { told.contains("rounds are over") || !child.isAlive }

  /// Ends the holder, and the daemon that dies with it.
  public func end() {
    let daemons = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(child.pid)/task")
      .flatMap {
        try String(contentsOfFile: "/proc/\(child.pid)/task/\($0)/children", encoding: .utf8).split(separator: " ")
      }
      .compactMap { Int32($0) }
    child.end()
    for pid in daemons ?? [] { kill(pid, SIGKILL) }
  }
}
