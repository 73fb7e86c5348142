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

  private let settings: TLSSettings
  private let logger: Logger
  private let current: Mutex<(context: NIOSSLContext, ends: Int64)>
  private let stamps: Mutex<[Stamp]>

  init(_ settings: TLSSettings, logger: Logger) throws(Credentials.Failure) {
    self.settings = settings
    self.logger = logger
    // Before they are read, so that a change meanwhile is seen as one.
    let before = Self.stamps(settings)
    let credentials = try Credentials.load(settings)
    stamps = Mutex(before)
    current = Mutex((credentials.context, credentials.ends))
    warn(credentials)
  }

  /// For a connection that begins now.
  var context: NIOSSLContext { current.withLock { $0.context } }
  /// When its certificate runs out, in seconds since 1970.
  var ends: Int64 { current.withLock { $0.ends } }

  func run() async throws {
    try? await cancelWhenGracefulShutdown { [self] in
      while true {
        try await Task.sleep(for: Self.interval)
        look()
      }
    }
  }

  private func look() {
    let now = Self.stamps(settings)
    guard
      stamps.withLock({ stamps in
        defer { stamps = now }
        return stamps != now
      })
    else { return }
    do throws(Credentials.Failure) {
      let credentials = try Credentials.load(settings)
      current.withLock { $0 = (credentials.context, credentials.ends) }
      logger.notice("certificate loaded", metadata: ["certificate": "\(settings.certificate)"])
      warn(credentials)
    } catch {
      logger.error("certificate not loaded: the one before it stays in use", metadata: ["reason": "\(error)"])
    }
  }

  private func warn(_ credentials: Credentials) {
    guard credentials.ends <= time(nil) else { return }
    logger.error("the certificate has expired", metadata: ["certificate": "\(settings.certificate)"])
  }

  private static func stamps(_ settings: TLSSettings) -> [Stamp] {
    [settings.certificate, settings.key, settings.clientCA].compactMap { $0 }.map { Stamp($0) }
  }
}
