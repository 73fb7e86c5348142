import Fixtures
import Foundation
import Testing

@Suite("The text of the metrics", .serialized) struct MetricsTextTests {
  @Test("is OpenMetrics in METRICS and to who accepts it, and Prometheus' own to others and in the file")
  func formats() async throws {
    try await MetricsHouse.with { house in
      _ = try house.house.people("jdoe")
      let asked = try house.daemon.metrics()
      let plain = try house.curl()
      #expect(plain.status == "200" && plain.type == "text/plain; version=0.0.4; charset=utf-8")
      #expect(!plain.body.contains("# EOF") && !plain.body.contains("# UNIT"))
      let open = try house.curl("/metrics", "-H", "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1")
      #expect(open.status == "200" && open.type == "application/openmetrics-text; version=1.0.0; charset=utf-8")
      #expect(open.body.hasSuffix("# EOF\n"))
      let file = try Fixtures.await("the file") { try? String(contentsOfFile: house.file, encoding: .utf8) }

      let scrapes = [
        asked, try Scrape.parse(open.body), try Scrape.parse(plain.body, as: "prometheus"),
        try Scrape.parse(file, as: "prometheus"),
      ]
      for scrape in scrapes {
        #expect(scrape.flows("signin", "denied") == 0)
        #expect(scrape.kinds["drawbridge_hash_wait_seconds"] == "histogram")
        #expect(scrape["drawbridge_hash_wait_seconds_bucket", [("le", "+Inf")]] == 0)
        let version = scrape.series.keys.first { $0.hasPrefix("drawbridge_build_info{version=") }
        #expect(version != nil)
      }
      #expect(scrapes.map { $0.kinds["drawbridge_flows"] } == ["counter", "counter", "counter", "counter"])
      #expect(asked.units["drawbridge_process_resident_memory_bytes"] == "bytes")
      #expect(asked.units["drawbridge_directory_operation_seconds"] == "seconds")
      #expect(Set(asked.series.keys) == Set(scrapes[1].series.keys))
      // Prometheus' own checks of names and kinds.
      for text in [plain.body, file] {
        let checked = try Command.run("promtool", ["check", "metrics"], input: text)
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
      }
    }
  }

  @Test("is what 'drawbridge metrics' prints")
  func command() async throws {
    try await House.with { house in
      let printed = try house.drawbridge("metrics")
      #expect(printed.status == 0, "\(printed.errors)")
      #expect(try Scrape.parse(printed.output).flows("signin", "signed-in") == 0)
      let refused = try Command.run(Daemon.binary("drawbridge"), ["metrics", "--socket", house.daemon.signin])
      #expect(refused.status != 0 && refused.status < 128 && refused.output.isEmpty, "\(refused)")
    }
  }

  @Test("tells the facts of the process")
  func process() async throws {
    try await House.with { house in
      let scrape = try house.daemon.metrics()
      // In hundredths of a second since the host's start: proc(5).
      let stat = try String(contentsOfFile: "/proc/\(house.daemon.pid)/stat", encoding: .utf8)
      let ticks = try #require(stat.components(separatedBy: ") ").last?.split(separator: " ").dropFirst(19).first)
      let uptime = try String(contentsOfFile: "/proc/uptime", encoding: .utf8).prefix { $0 != " " }
      let host = Date().timeIntervalSince1970 - (try #require(Double(uptime)))
      let started = host + (try #require(Double(ticks))) / 100
      #expect(abs((scrape["drawbridge_process_start_time_seconds"] ?? 0) - started) < 0.2)
      let resident = try #require(scrape["drawbridge_process_resident_memory_bytes"])
      let status = try String(contentsOfFile: "/proc/\(house.daemon.pid)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
      let kib = try #require(Double(line.split(separator: " ").dropLast().last.map(String.init) ?? ""))
      #expect(resident > kib * 1024 / 2 && resident < kib * 1024 * 2)
      let clients = try (0..<7).map { _ in try house.daemon.client() }
      let more = try house.daemon.metrics()
      #expect(
        (more["drawbridge_process_open_fds"] ?? 0) >= (scrape["drawbridge_process_open_fds"] ?? 0)
          + Double(clients.count))
      #expect(more["drawbridge_connections", [("role", "signin")]] == Double(clients.count))
      withExtendedLifetime(clients) {}
    }
  }

  @Test("holds no login, no password, no code, no address, and nothing else that a client said")
  func secrecy() async throws {
    try await MetricsHouse.with { house in
      let person = try house.house.people("jdoe")[0]
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail) from=203.0.113.9 service=Very-Portal lang=x-tongue")
      try client.send("PASSWORD Wr0ng-Passw0rd")
      let password = try client.send("PASSWORD \(person.password)")
      #expect(password.hasPrefix("ASK totp"))
      let code = try person.code(at: house.daemon.time)
      #expect(try client.send("TOTP \(code)").hasPrefix("OK signed-in"))
      try client.send("Odd-Verb")
      let id = try #require(try house.house.slapd.entry(person).string("entryUUID"))
      let text = try house.curl().body
      #expect(try Scrape.parse(text, as: "prometheus").flows("signin", "signed-in") == 1)
      for secret in [
        "jdoe", "example.org", "203.0.113.9", "Very-Portal", "tongue", "Wr0ng", person.password, id, "Odd-Verb",
      ] {
        #expect(!text.contains(secret), "\(secret)")
      }
      #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" \(code)") })
    }
  }
}
