import NIOCore
import NIOEmbedded
import Secrets
import Testing

@testable import SignInServer

/// Cyrus SASL's `saslauthd/ipc_unix.c`: login, password, service and realm, each behind its length.
@Suite("A request to saslauthd") struct SaslauthdRequestTests {
  private func field(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes }

  private func encoded(_ fields: String...) -> [UInt8] { fields.flatMap { field(Array($0.utf8)) } }

  private func request(_ login: String, _ secret: String, _ service: String, _ realm: String) -> SaslauthdRequest {
    SaslauthdRequest(
      login: Array(login.utf8), secret: Secret(Array(secret.utf8)), service: Array(service.utf8),
      realm: Array(realm.utf8))
  }

  @Test("is whole with its last byte, and not before, in however many pieces it comes")
  func pieces() {
    let bytes = encoded("jdoe", "Str0ng-Enough123456", "ldap", "example.org")
    let whole = request("jdoe", "Str0ng-Enough123456", "ldap", "example.org")
    for cut in bytes.indices {
      var parser = SaslauthdRequest.Parser()
      #expect(parser.take(bytes[..<cut]) == .incomplete, "\(cut)")
      #expect(parser.take(bytes[cut...]) == .request(whole), "\(cut)")
    }
    var parser = SaslauthdRequest.Parser()
    for byte in bytes.dropLast() { #expect(parser.take([byte]) == .incomplete) }
    #expect(parser.take(bytes.suffix(1)) == .request(whole))
  }

  @Test("may hold empty fields and any bytes, and ends where its fields do")
  func anyBytes() {
    var parser = SaslauthdRequest.Parser()
    #expect(parser.take(encoded("", "", "", "") + [0, 1, 2]) == .request(request("", "", "", "")))
    let every = Array(UInt8.min...UInt8.max)
    parser = SaslauthdRequest.Parser()
    let found = parser.take(field(every) + field(every) + field(every) + field(every))
    #expect(
      found == .request(SaslauthdRequest(login: every, secret: Secret(every), service: every, realm: every)))
  }

  @Test("is refused with the length of a field that is too long, before a byte of it", arguments: 0..<4)
  func lengths(index: Int) {
    let max = SaslauthdRequest.fieldsMaxBytes[index]
    let before = [UInt8](repeating: 0, count: 2 * index)  // empty fields
    var parser = SaslauthdRequest.Parser()
    #expect(parser.take(before + [UInt8(max >> 8), UInt8(max & 0xFF)]) == .incomplete)
    parser = SaslauthdRequest.Parser()
    #expect(parser.take(before + [UInt8((max + 1) >> 8), UInt8((max + 1) & 0xFF)]) == .malformed)
    #expect(parser.take([0, 0, 0, 0, 0, 0, 0, 0]) == .malformed)
  }

  @Test("joins login and realm as they were before a client cut them")
  func joins() {
    func whole(_ login: String, _ realm: String) -> String {
      String(decoding: request(login, "", "", realm).wholeLogin, as: UTF8.self)
    }
    #expect(whole("john.doe", "example.org") == "john.doe@example.org")
    #expect(whole("john.doe", "") == "john.doe")
    #expect(whole("john.doe@example.org", "mail.example.net") == "john.doe@example.org")
  }

  @Test("is answered behind a length, in words that a client of 1,024 bytes can hold")
  func replies() {
    #expect(SaslauthdReply.encode("OK") == [0, 2, 0x4F, 0x4B])
    let long = SaslauthdReply.encode("NO " + String(repeating: "x", count: 400))
    #expect(long.count == 2 + Int(long[0]) << 8 + Int(long[1]))
  }

  @Test("says nothing of the password when it is printed")
  func isConcealed() {
    #expect(!"\(request("jdoe", "Str0ng-Enough123456", "ldap", ""))".contains("Str0ng"))
  }
}

@Suite("A connection to saslauthd") struct SaslauthdHandlerTests {
  private let channel = EmbeddedChannel()
  private let whole: [UInt8] = [0, 1, 0x61, 0, 1, 0x62, 0, 0, 0, 0]

  init() throws {
    try channel.pipeline.syncOperations.addHandler(SaslauthdHandler())
    try channel.connect(to: .init(unixDomainSocketPath: "/mux")).wait()
  }

  private func heard() throws -> SaslauthdHandler.Heard? { try channel.readInbound() }

  @Test("has ten seconds for its request, whatever drips in")
  func stalls() throws {
    for byte in whole.prefix(9) {
      try channel.writeInbound(ByteBuffer(bytes: [byte]))
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    }
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!channel.isActive)
    #expect(try heard() == nil)
  }

  @Test("may then take its time, and is heard once")
  func once() throws {
    try channel.writeInbound(ByteBuffer(bytes: whole + whole))
    try channel.writeInbound(ByteBuffer(bytes: whole))
    guard case .request = try heard() else {
      Issue.record("no request")
      return
    }
    #expect(try heard() == nil)
    channel.embeddedEventLoop.advanceTime(by: .minutes(1))
    #expect(channel.isActive)
  }

  @Test("with a field that is too long is malformed")
  func malformed() throws {
    try channel.writeInbound(ByteBuffer(bytes: [0xFF, 0xFF, 0]))
    #expect(try heard() == .malformed)
  }
}
