internal import Configuration
internal import Glibc
internal import Logging
internal import NIOSSL
internal import ServiceLifecycle
internal import Synchronization

/// Looks every few seconds whether the files of a TLS listener were replaced. Connections that are open keep what they
/// began with. Files that do not fit together change nothing: the last good ones stay in use.
final class CurrentCredentials: Service {
  private static let interval = Duration.seconds(5)

  /// What tells one content of a file from another without reading it.
  private struct Stamp: Equatable {
    var file: [UInt64] = []

    init(_ path: String) {
      var found = stat()
      guard stat(path, &found) == 0 else { return }
      file = [
        UInt64(found.st_dev), UInt64(found.st_ino), UInt64(bitPattern: Int64(found.st_size)),
        UInt64(bitPattern: Int64(found.st_mtim.tv_sec)), UInt64(bitPattern: Int64(found.st_mtim.tv_nsec)),
        UInt64(found.st_mode), UInt64(found.st_uid),
      ]
    }
  }

  private struct State {
    var settings: TLSSettings
    var context: NIOSSLContext
    var ends: Int64
    var trustedNames: Set<String>
    var stamps: [Stamp]
  }

  private let logger: Logger
  private let state: Mutex<State>

  init(_ settings: TLSSettings, logger: Logger) throws(Credentials.Failure) {
    self.logger = logger
    // Before they are read, so that a change meanwhile is seen as one.
    let before = Self.stamps(settings)
    let credentials = try Credentials.load(settings)
    state = Mutex(
      State(
        settings: settings, context: credentials.context, ends: credentials.ends, trustedNames: Self.names(settings),
        stamps: before))
    warn(credentials, settings)
  }

  /// For a connection that begins now.
  var context: NIOSSLContext { state.withLock(\.context) }
  /// When its certificate runs out, in seconds since 1970.
  var ends: Int64 { state.withLock(\.ends) }
  /// In client certificates.
  var trustedNames: Set<String> { state.withLock(\.trustedNames) }

  /// Other settings hold from now on, with what was read by them.
  func replace(by credentials: Credentials, _ settings: TLSSettings) {
    state.withLock { state in
      state.settings = settings
      state.context = credentials.context
      state.ends = credentials.ends
      state.trustedNames = Self.names(settings)
    }
    warn(credentials, settings)
  }

  func run() async throws {
    try? await cancelWhenGracefulShutdown { [self] in
      while true {
        try await Task.sleep(for: Self.interval)
        look()
      }
    }
  }

  private func look() {
    let settings = state.withLock(\.settings)
    let now = Self.stamps(settings)
    guard
      state.withLock({ state in
        defer { state.stamps = now }
        return state.stamps != now
      })
    else { return }
    do throws(Credentials.Failure) {
      let credentials = try Credentials.load(settings)
      state.withLock { state in
        // Unless others were set meanwhile.
        guard state.settings == settings else { return }
        state.context = credentials.context
        state.ends = credentials.ends
      }
      logger.notice("certificate loaded", metadata: ["certificate": "\(settings.certificate)"])
      warn(credentials, settings)
    } catch {
      logger.error("certificate not loaded: the one before it stays in use", metadata: ["reason": "\(error)"])
    }
  }

  private func warn(_ credentials: Credentials, _ settings: TLSSettings) {
    guard credentials.ends <= time(nil) else { return }
    logger.error("the certificate has expired", metadata: ["certificate": "\(settings.certificate)"])
  }

  private static func names(_ settings: TLSSettings) -> Set<String> {
    Set(settings.trustedNames.compactMap { ClientName.printable(Array($0.utf8)) })
  }

  private static func stamps(_ settings: TLSSettings) -> [Stamp] {
    [settings.certificate, settings.key, settings.clientCA].compactMap { $0 }.map { Stamp($0) }
  }
}
