import Fixtures
import Foundation
import Testing

@Suite("The file of the metrics", .serialized) struct MetricsFileTests {
  private static let written = "drawbridge_metrics_written_timestamp_seconds"

  @Test("is replaced whole, can be read by another user, and tells how old it is")
  func replaced() async throws {
    try await MetricsHouse.with { house in
      func read() throws -> (number: UInt64, text: String) {
        try Fixtures.await("the file") {
          guard let handle = FileHandle(forReadingAtPath: house.file) else { return nil }
          var status = stat()
          guard fstat(handle.fileDescriptor, &status) == 0, let bytes = try handle.readToEnd() else { return nil }
          return (UInt64(status.st_ino), String(decoding: bytes, as: UTF8.self))
        }
      }
      let first = try read()
      let age = abs(Date().timeIntervalSince1970 - (try Scrape.parse(first.text, as: "prometheus")[Self.written] ?? 0))
      #expect(age < 60)
      let attributes = try FileManager.default.attributesOfItem(atPath: house.file)
      #expect(attributes[.posixPermissions] as? Int == 0o644)
      // Whoever opens it has all of it, at any moment: the last line is always the same family's.
      let last = first.text.split(separator: "\n").last?.split(separator: " ").first
      var numbers: Set<UInt64> = []
      try Fixtures.await("three more files") {
        let found = try read()
        #expect(found.text.split(separator: "\n").last?.split(separator: " ").first == last)
        #expect(found.text.hasSuffix("\n"))
        numbers.insert(found.number)
        return numbers.count >= 3 ? true : nil
      }
      let folder = (house.file as NSString).deletingLastPathComponent
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".prom") }
      #expect(names == ["drawbridge.prom"])
      // It follows what happens.
      let client = try house.daemon.client()
      for _ in 0..<2 { try client.send("SIGNIN nobody@example.org") }
      try Fixtures.await("the count") {
        try Scrape.parse(read().text, as: "prometheus").flows("signin", "dropped") == 1 ? true : nil
      }
      // The file of a daemon that is gone stays as it was: the time in it stands still.
      try house.daemon.terminate()
      let end = try Scrape.parse(read().text, as: "prometheus")
      #expect((end[Self.written] ?? .infinity) <= Date().timeIntervalSince1970 + 1)
    }
  }

  @Test("that cannot be written stops nothing, is told once, and comes back")
  func unwritable() async throws {
    let folder = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = "[metrics]\nfile = \"\(folder)/there/drawbridge.prom\"\nevery = \"1s\"\n"
    try await House.with(settings: settings) { house in
      try Fixtures.await("the log") { house.daemon.log.contains("metrics not written (metrics.file)") ? true : nil }
      let person = try house.people("jdoe")[0]
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      try FileManager.default.createDirectory(atPath: "\(folder)/there", withIntermediateDirectories: true)
      try Fixtures.await("the file") {
        FileManager.default.fileExists(atPath: "\(folder)/there/drawbridge.prom") ? true : nil
      }
      #expect(house.daemon.log.components(separatedBy: "metrics not written").count == 2)
    }
  }
}
