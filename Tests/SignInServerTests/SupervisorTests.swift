import Fixtures
import Foundation
import Testing

@testable import SignInServer

@Suite("The service manager") struct SupervisorTests {
  @Test(arguments: ["", "@"])
  func isToldEachStateAtAPathOrAnAbstractName(_ prefix: String) throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try NotifySocket("\(prefix)\(folder)/notify")
    let manager = Supervisor(environment: ["NOTIFY_SOCKET": socket.name])
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
      Supervisor(environment: ["NOTIFY_SOCKET": address]).tell(.ready)
    }
  }

  @Test func aWatchdogMeansThisProcessAlone() {
    func watchdog(_ environment: [String: String]) -> Duration? {
      Supervisor(environment: environment, processID: 42).watchdog
    }
    #expect(watchdog(["WATCHDOG_USEC": "60000000"]) == .seconds(60))
    #expect(watchdog(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "42"]) == .seconds(60))
    #expect(watchdog(["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "41"]) == nil)
    #expect(watchdog(["WATCHDOG_USEC": "0"]) == nil && watchdog(["WATCHDOG_USEC": "soon"]) == nil)
    #expect(watchdog([:]) == nil)
  }
}
