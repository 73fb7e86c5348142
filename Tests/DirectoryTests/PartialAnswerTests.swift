import Fixtures
import Foundation
import Secrets
import SignIn
import Synchronization
import Testing

@testable import Directory

@Suite("An answer that comes in part", .serialized) struct PartialAnswerTests {
  enum Way: String, CaseIterable, Sendable { case ldaps, plain }
  enum Part: String, CaseIterable, Sendable {
    case eightBytes, twentyBytes, drips

    var manner: StallingRelay.Manner {
      switch self {
      case .eightBytes: .partOf(bytes: 8)
      case .twentyBytes: .partOf(bytes: 20)  // the header of a TLS record has five bytes, that of a message two
      case .drips: .drips(everySeconds: 0.1)
      }
    }
  }

  @Test(
    "is given up at its deadline, and asked for again on another connection", arguments: Way.allCases, Part.allCases)
  func partial(way: Way, part: Part) async throws {
    let certificates = try Certificates()
    defer { certificates.remove() }
    let port = try freePort()
    let scheme = way == .ldaps ? "ldaps" : "ldap"
    var options = Slapd.Options()
    options.extraGlobalLines = certificates.settings("good")
    options.listeners = ["\(scheme)://127.0.0.1:\(port)/"]
    try await Slapd.with(options) { slapd in
      try slapd.add(Slapd.account("jdoe"))
      let relay = try StallingRelay(to: port)
      defer { relay.end() }
      let server = try Server(
        uri: "\(scheme)://127.0.0.1:\(relay.port)",
        identity: .simple(dn: Slapd.daemon, password: Secret(Array("daemon-secret".utf8))),
        caFile: certificates.authority, connectSeconds: 5, operationSeconds: 1)
      let directory = try openDirectory([server])
      try await directory.ping()
      relay.next(part.manner)
      // Not awaited: where nothing gives it up, it would hold this test, too.
      let found = Mutex<String?>(nil)
      let asked = Task {
        let uid = (try? await directory.account("jdoe"))??.uid
        found.withLock { $0 = uid ?? "nobody" }
      }
      defer { asked.cancel() }
      let deadline = ContinuousClock.now + .seconds(20)
      while found.withLock({ $0 }) == nil, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(found.withLock { $0 } == "jdoe")
    }
  }
}
