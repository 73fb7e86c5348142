import Fixtures
import Foundation
import Glibc
import Testing

@testable import SignInServer

/// The other end of sd_notify(3).
private final class NotifySocket {
  let name: String
  private let descriptor: Int32

  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(name.utf8)
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, length) }
    }
    guard bound == 0 else { throw FixtureError("bind \(name): \(errno)") }
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func next() throws -> [String] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw FixtureError("nothing was told") }
    return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

@Suite("The service manager") struct ServiceManagerTests {
  @Test(arguments: ["", "@"])
  func isToldEachStateAtAPathOrAnAbstractName(_ prefix: String) throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try NotifySocket("\(prefix)\(folder)/notify")
    let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.name])
    manager.tell(.ready, status: "serving\nREADY=0")
    #expect(try socket.next() == ["READY=1", "STATUS=serving READY=0"])
    manager.tell(.alive)
    #expect(try socket.next() == ["WATCHDOG=1"])
    manager.tell(.stopping)
    #expect(try socket.next() == ["STOPPING=1"])
    manager.tell(.reloading)
    let reload = try socket.next()
    #expect(reload.first == "RELOADING=1")
    let time = reload.last.flatMap { Int64($0.dropFirst("MONOTONIC_USEC=".count)) }
    #expect((time ?? 0) > 0)
  }

  @Test func withoutOneNobodyIsTold() {
    for address in ["", "relative", "/", String(repeating: "/a", count: 60)] {
      ServiceManager(environment: ["NOTIFY_SOCKET": address]).tell(.ready)
    }
  }

  @Test func aWatchdogMeansThisProcessAlone() {
    func watchdog(_ environment: [String: String]) -> Duration? {
      ServiceManager(environment: environment, processID: 42).watchdog
    }
    #expect(watchdog(["WATCHDOG_USEC": "60000000"]) == .seconds(60))
    #expect(watchdog(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "42"]) == .seconds(60))
    #expect(watchdog(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "41"]) == nil)
    #expect(watchdog(["WATCHDOG_USEC": "0"]) == nil && watchdog(["WATCHDOG_USEC": "soon"]) == nil)
    #expect(watchdog([:]) == nil)
  }
}
