import Foundation
import Testing

/// aiosmtpd as a child process, which tells each message the way Python's own mail parser understands it.
final class MailServerProcess {
  struct Received: Decodable, Equatable {
    let sender: String
    let recipients: [String]
    let subject: String
    let from: String
    let body: String
    let raw: String
    let encrypted: Bool
    let login: String?
  }

  enum Behaviour: String {
    case takes, refuses, postpones, stalls
    case needsTLS = "needs-tls"
    case offersTLS = "offers-tls"
    case needsLogin = "needs-login"
  }

  let port: Int
  let certificate: String
  private let process = Process()
  private let output: FileHandle
  private let folder: URL

  /// The server lives as long as the body runs.
  static func with<Result>(_ behaviour: Behaviour, _ body: (MailServerProcess) throws -> Result) throws -> Result {
    let server = try MailServerProcess(behaviour)
    return try withExtendedLifetime(server) { try body(server) }
  }

  private init(_ behaviour: Behaviour) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "mail-server-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    certificate = folder.appending(path: "certificate.pem").path(percentEncoded: false)
    let key = folder.appending(path: "key.pem").path(percentEncoded: false)
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/openssl")
    openssl.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate, "-batch",
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", Self.script, behaviour.rawValue, certificate, key]
    process.standardOutput = pipe
    output = pipe.fileHandleForReading
    try process.run()
    port = try #require(Int(Self.line(from: output)))
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)  // a child of a worker thread inherits SIGTERM blocked
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Waits for the next message; the test's time limit is the deadline.
  func next() throws -> Received {
    try JSONDecoder().decode(Received.self, from: Data(Self.line(from: output).utf8))
  }

  private static func line(from handle: FileHandle) -> String {
    var bytes = Data()
    while let byte = try? handle.read(upToCount: 1), !byte.isEmpty, byte.first != 0x0A { bytes += byte }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let script = #"""
    import asyncio, email, email.policy, json, ssl, sys, time
    from aiosmtpd.smtp import SMTP, AuthResult
    behaviour, certificate, key = sys.argv[1:]
    class Handler:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if behaviour == "refuses": return "550 5.1.1 no such mailbox"
            if behaviour == "postpones": return "451 4.7.1 come back later"
            if behaviour == "stalls": await asyncio.sleep(60)
            envelope.rcpt_tos.append(address)
            return "250 OK"
        async def handle_DATA(self, server, session, envelope):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            print(json.dumps({
                "sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "subject": message["Subject"],
                "from": message["From"], "body": message.get_content().replace("\r\n", "\n"),
                "raw": envelope.content.decode("ascii"),
                "encrypted": session.ssl is not None, "login": session.auth_data}), flush=True)
            return "250 OK"
    def authenticate(server, session, envelope, mechanism, data):
        right = data.login == b"alice" and data.password == b"p\xc3\xa4ss"
        return AuthResult(success=right, handled=False, auth_data=data.login.decode() if right else None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    def protocol():
        return SMTP(Handler(), hostname="localhost",
            tls_context=context if behaviour.endswith("-tls") else None, require_starttls=behaviour == "needs-tls",
            authenticator=authenticate, auth_required=behaviour == "needs-login", auth_require_tls=False)
    async def main():
        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()
    asyncio.run(main())
    """#
}
