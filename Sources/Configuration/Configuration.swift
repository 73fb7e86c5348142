/// Everything that an administrator can set, checked as a whole; what is not set has its default.
///
/// `docs/configuration.md` describes every setting, and ``settings`` is where each is declared.
public struct Configuration: Sendable, Equatable {
  public var directory = DirectorySettings()
  public var listen: [Listener] = []
  public var keys = KeySettings()
  public var mail = MailSettings()
  public var password = PasswordSettings()
  public var totp = TOTPSettings()
  public var code = CodeSettings()
  public var recovery = RecoverySettings()
  public var inactivity = InactivitySettings()
  public var forgot = ForgotSettings()
  public var limits = LimitSettings()
  public var session = SessionSettings()
  public var jwt = JWTSettings()
  public var organisations = OrganisationsSettings()
  public var organisation: [OrganisationTable] = []
  public var service: [ServiceTable] = []
  public var texts = TextSettings()
  public var metrics = MetricsSettings()
  public var log = LogSettings()

  /// The blank page that the defaults are written on; a usable value comes from ``load(path:environment:)``.
  init() {}

  /// Longer files are refused.
  public static let fileMaxBytes = 4 << 20
  static let caFileMaxBytes = 4 << 20

  /// Reads and checks the file, and the password files that it names.
  ///
  /// - Parameter environment: `DRAWBRIDGE_…` overrides the file; `CREDENTIALS_DIRECTORY` is systemd's.
  /// - Throws: ``ConfigurationError`` with everything that is wrong, not only the first.
  public static func load(path: String, environment: [String: String]) throws(ConfigurationError) -> Configuration {
    let bytes: [UInt8]
    do { bytes = try File.bytes(of: path, max: fileMaxBytes, forbidden: 0o002) } catch {
      throw ConfigurationError(Problem(file: path, message: error.description))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationError(Problem(file: path, message: "this is no UTF-8"))
    }
    let configuration = try parse(text, file: path, environment: environment)
    var problems: [Problem] = []
    for (setting, secret) in [
      ("directory.bind-password-file", configuration.directory.bindPasswordFile),
      ("mail.password-file", configuration.mail.passwordFile),
    ] {
      do { _ = try secret?.bytes() } catch {
        problems += error.problems.map { Problem(file: $0.file, setting: setting, message: $0.message) }
      }
    }
    for (setting, path) in [
      ("directory.ca-file", configuration.directory.caFile), ("mail.ca-file", configuration.mail.caFile),
    ] {
      guard let path else { continue }
      do { _ = try File.bytes(of: path, max: caFileMaxBytes) } catch {
        problems.append(Problem(file: path, setting: setting, message: error.description))
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
    return configuration
  }

  /// Checks a text; of the file system it asks only which credentials systemd has laid out.
  ///
  /// - Parameter file: what errors name.
  public static func parse(
    _ text: String, file: String, environment: [String: String]
  ) throws(ConfigurationError) -> Configuration {
    let document = try Document(text, file: file)
    var reading = Reading(document: document)
    var configuration = reading.configuration()
    reading.override(&configuration, by: environment)
    reading.complete(&configuration, credentials: environment["CREDENTIALS_DIRECTORY"])
    guard reading.problems.isEmpty else { throw ConfigurationError(reading.problems) }
    return configuration
  }
}
