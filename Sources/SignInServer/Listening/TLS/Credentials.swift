internal import Configuration
internal import NIOCore
internal import NIOSSL
internal import Secrets

/// The files of a TLS listener, as they were when they were last good.
struct Credentials: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static let certificatesMaxBytes = 1 << 20
  /// With a forward-secret exchange and authenticated encryption; where 1.2 is spoken at all.
  private static let ciphersOfTLS12 = "ECDH+AESGCM:ECDH+CHACHA20"
  /// How long a client may take to say that it has heard the end, too.
  private static let shutdownSeconds: Int64 = 2

  let context: NIOSSLContext
  /// The end of the daemon's own certificate, in seconds since 1970.
  let ends: Int64

  /// Reads and checks them all: that they are there, and that the key is the certificate's and nobody else's to read.
  static func load(_ settings: TLSSettings) throws(Failure) -> Credentials {
    let chain = try certificates(settings.certificate, "listen.certificate")
    guard let own = chain.first else { throw Failure(description: "\(settings.certificate): no certificate") }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try key(settings.key)))
    configuration.minimumTLSVersion = settings.minimum == .tls13 ? .tlsv13 : .tlsv12
    configuration.cipherSuites = ciphersOfTLS12
    configuration.shutdownTimeout = .seconds(shutdownSeconds)
    if let authorities = settings.clientCA, settings.clientCertificates != .none {
      configuration.trustRoots = .certificates(try certificates(authorities, "listen.client-ca"))
      configuration.certificateVerification =
        settings.clientCertificates == .required ? .noHostnameVerification : .optionalVerification
      configuration.sendCANameList = true
    }
    do {
      return Credentials(context: try NIOSSLContext(configuration: configuration), ends: Int64(own.notValidAfter))
    } catch {
      throw Failure(description: "\(settings.key): not the key of \(settings.certificate) (listen.key)")
    }
  }

  private static func certificates(_ path: String, _ setting: String) throws(Failure) -> [NIOSSLCertificate] {
    let bytes: [UInt8]
    do throws(ConfigurationError) { bytes = try ConfigurationFile.bytes(of: path, max: certificatesMaxBytes) } catch {
      throw Failure(description: "\(error) (\(setting))")
    }
    do { return try NIOSSLCertificate.fromPEMBytes(bytes) } catch {
      throw Failure(description: "\(path): no certificates in PEM (\(setting))")
    }
  }

  private static func key(_ path: String) throws(Failure) -> NIOSSLPrivateKey {
    let secret: Secret
    do throws(KeyFile.Failure) { secret = try KeyFile(path: path, setting: "listen.key").secret() } catch {
      throw Failure(description: error.description)
    }
    do { return try secret.withBytes { try NIOSSLPrivateKey(bytes: Array($0), format: .pem) } } catch {
      throw Failure(description: "\(path): no key in PEM without a passphrase (listen.key)")
    }
  }
}
