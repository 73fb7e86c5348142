import Fixtures
import Foundation
import Secrets
import Testing

@Suite("What is counted", .serialized) struct MetricsCountTests {
  private func flow(_ flow: String, _ result: String) -> String {
    "drawbridge_flows_total{flow=\"\(flow)\",result=\"\(result)\"}"
  }

  private func prompt(_ prompt: String, _ refused: String = "none") -> String {
    "drawbridge_prompts_total{prompt=\"\(prompt)\",refused=\"\(refused)\"}"
  }

  @Test("of a sign-in: its prompts, its end, its hash, its session, and what the directory did")
  func signIn() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let before = try house.daemon.metrics()
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail)")
      try client.send("PASSWORD wrong")
      try client.send("PASSWORD \(person.password)")
      let reply = try client.send("TOTP \(person.code(at: house.daemon.time))")
      let token = try #require(reply.value("session"))
      let after = try house.daemon.metrics()
      let grown = after.grown(since: before)
      #expect(
        grown.filter { $0.key.hasPrefix("drawbridge_flows_total") || $0.key.hasPrefix("drawbridge_prompts_total") } == [
          flow("signin", "signed-in"): 1, prompt("password"): 1, prompt("password", "wrong"): 1, prompt("totp"): 1,
        ])
      #expect(grown["drawbridge_hash_duration_seconds_count"] == 2)
      #expect(grown["drawbridge_hash_wait_seconds_count"] == 2)
      #expect(grown["drawbridge_refusals_held_total"] == 1)
      #expect(grown["drawbridge_sessions_opened_total"] == 1)
      #expect(grown["drawbridge_connections_accepted_total{role=\"signin\"}"] == 1)
      // A wrong answer is charged, and the sign-in is one change.
      #expect(grown["drawbridge_directory_operations_total{operation=\"modify\",result=\"done\"}"] == 2)
      #expect((grown["drawbridge_directory_operations_total{operation=\"search\",result=\"done\"}"] ?? 0) >= 2)
      #expect(
        grown["drawbridge_directory_operation_seconds_count{operation=\"modify\"}"] == 2
          && (grown["drawbridge_directory_operation_seconds_sum{operation=\"modify\"}"] ?? 0) > 0)
      #expect(after["drawbridge_directory_up"] == 1)
      #expect(after.series["drawbridge_directory_server_current{uri=\"\(house.slapd.uri)\"}"] == 1)
      let key = try KeyRing.load(path: house.daemon.keys).activeKeyID
      #expect(after["drawbridge_key_active", [("key", "\(key)")]] == 1)

      #expect(try client.send("SESSION \(token)").hasPrefix("OK session"))
      #expect(try client.send("SIGNOUT \(token)").hasPrefix("OK signed-out"))
      #expect(try client.send("SESSION \(token)").hasPrefix("NO expired"))
      let asked = try house.daemon.metrics().grown(since: after)
      #expect(asked["drawbridge_sessions_asked_total{result=\"good\"}"] == 1)
      #expect(asked["drawbridge_sessions_asked_total{result=\"over\"}"] == 1)
      #expect(asked["drawbridge_signouts_total{result=\"signed-out\"}"] == 1)
    }
  }

  @Test("of those who are turned away: wrong answers, factors that rest, sources that wait")
  func turnedAway() async throws {
    try await House.with { house in
      let people = try house.people("jdoe", "other")
      let before = try house.daemon.metrics()
      let guesser = try house.daemon.client()
      try guesser.send("SIGNIN \(people[0].mail) from=203.0.113.9")
      for _ in 0..<5 { try guesser.send("PASSWORD wrong") }
      for login in [people[1].mail, "nobody@example.org"] {
        #expect(try house.daemon.client().send("SIGNIN \(login) from=203.0.113.9").hasPrefix("NO locked"))
      }
      let client = try house.daemon.client()
      try client.send("SIGNIN \(people[0].mail)")
      #expect(try client.send("PASSWORD \(people[0].password)").hasPrefix("NO locked"))
      let after = try house.daemon.metrics()
      let grown = after.grown(since: before)
      #expect(
        grown.filter { $0.key.hasPrefix("drawbridge_flows_total") } == [
          flow("signin", "denied"): 1, flow("signin", "source-locked"): 2, flow("signin", "locked"): 1,
        ], "\(grown)")
      #expect(after["drawbridge_sources_waiting"] == 1)
    }
  }

  @Test("of acts: the verb, and whether it was done")
  func acts() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let admin = try house.daemon.adminClient()
      for line in ["DEACTIVATE", "DEACTIVATE", "REACTIVATE"] { try admin.send("\(line) \(person.mail)") }
      let scrape = try house.daemon.metrics()
      func acts(_ verb: String, _ result: String) -> Double? {
        scrape["drawbridge_administration_total", [("result", result), ("verb", verb)]]
      }
      #expect(acts("deactivate", "done") == 1 && acts("deactivate", "not-done") == 1)
      #expect(acts("reactivate", "done") == 1 && acts("reactivate", "not-done") == 0)
      // One look is counted by the next.
      #expect(
        try house.daemon.metrics()["drawbridge_administration_total", [("result", "done"), ("verb", "metrics")]] == 1)
    }
  }

  @Test("of hashes: those that run, those that wait, and those that found the queue full")
  func hashes() async throws {
    let settings = """
      [limits]
      hash-threads = 1
      hash-queue-max = 4
      refusal-floor = "0s"
      [password]
      memory-kib = 262144
      passes = 4

      """
    try await House.with(settings: settings) { house in
      // Nobody has an account: the decoy is as dear as the settings say.
      let clients = try (0..<12).map { _ in try house.daemon.client() }
      for (number, client) in clients.enumerated() { try client.send("SIGNIN nobody\(number)@example.org") }
      for client in clients { try client.write(Array("PASSWORD wrong\n".utf8)) }
      try house.daemon.awaitMetric("drawbridge_hash_queue_length") { $0 == 4 }
      #expect(try house.daemon.metrics()["drawbridge_hashes_running"] == 1)
      let replies = try clients.map { try $0.reply(within: 120) }
      let busy = replies.count { $0.hasPrefix("LATER busy") }
      #expect(busy >= 1 && busy < clients.count, "\(replies)")
      let scrape = try house.daemon.metrics()
      #expect(scrape["drawbridge_hashes_refused_total"] == Double(busy))
      #expect(scrape["drawbridge_later_total", [("reason", "busy")]] == Double(busy))
      #expect(scrape["drawbridge_hash_threads"] == 1)
      #expect(scrape["drawbridge_hash_duration_seconds_count"] == Double(clients.count - busy))
      // The second one waited for the first one's whole time.
      #expect((scrape["drawbridge_hash_wait_seconds_sum"] ?? 0) > 0)
      #expect(scrape["drawbridge_hash_queue_length"] == 0 && scrape["drawbridge_hashes_running"] == 0)
    }
  }

  @Test("of mails: sent, tried again, and those that wait")
  func mails() async throws {
    try await Slapd.with { slapd in
      let port = try freePort()
      let daemon = try Daemon(directory: slapd.uri, mailPort: port)
      defer { daemon.end() }
      let admin = try daemon.adminClient()
      #expect(try admin.send("INVITE jdoe@example.org uid=jdoe").hasPrefix("OK"))
      let client = try daemon.client()
      #expect(try client.send("FIRST jdoe@example.org").hasPrefix("ASK code"))
      try daemon.awaitMetric("drawbridge_mails_total", [("result", "postponed")]) { $0 >= 1 }
      let scrape = try daemon.metrics()
      #expect((scrape["drawbridge_mail_queue_length"] ?? 0) >= 1)
      #expect(scrape["drawbridge_mails_total", [("result", "sent")]] == 0)
    }
    try await House.with { house in
      let admin = try house.daemon.adminClient()
      #expect(try admin.send("INVITE jdoe@example.org uid=jdoe").hasPrefix("OK"))
      try house.daemon.client().send("FIRST jdoe@example.org")
      _ = try house.mail.code(to: "jdoe@example.org")
      try house.daemon.awaitMetric("drawbridge_mail_queue_length") { $0 == 0 }
      let scrape = try house.daemon.metrics()
      #expect(scrape["drawbridge_mails_total", [("result", "sent")]] == Double(house.mail.messages().count))
      #expect(scrape["drawbridge_mails_total", [("result", "postponed")]] == 0)
    }
  }

  @Test("of a directory that is down and comes back")
  func directory() async throws {
    try await House.with { house in
      let person = try house.people("jdoe")[0]
      let before = try house.daemon.metrics()
      #expect(before["drawbridge_directory_up"] == 1)
      try house.slapd.kill()
      #expect(try house.daemon.client().send("SIGNIN \(person.mail)").hasPrefix("LATER directory"))
      let down = try house.daemon.metrics()
      let grown = down.grown(since: before)
      #expect(down["drawbridge_directory_up"] == 0)
      #expect(grown["drawbridge_later_total{reason=\"directory\"}"] == 1)
      let uri = house.slapd.uri
      #expect((grown["drawbridge_directory_connections_total{result=\"failed\",uri=\"\(uri)\"}"] ?? 0) >= 1)
      try house.slapd.start()
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      #expect(try house.daemon.metrics()["drawbridge_directory_up"] == 1)
    }
  }

  @Test("of a directory whose first server is gone: a fail-over, and which one serves")
  func failOver() async throws {
    try await Slapd.with { slapd in
      let first = try FaultProxy(to: slapd.socket)
      let second = try FaultProxy(to: slapd.socket)
      defer { second.end() }
      let daemon = try Daemon(directory: "\(first.uri) \(second.uri)", mailPort: nil)
      defer { daemon.end() }
      func current(_ uri: String) throws -> Double? {
        try daemon.metrics()["drawbridge_directory_server_current", [("uri", uri)]]
      }
      #expect(try current(first.uri) == 1)
      #expect(try daemon.metrics()["drawbridge_directory_failovers_total"] == 0)
      first.end()
      try Fixtures.await("the second server") {
        _ = try daemon.client().send("SIGNIN jdoe@example.org")
        return try current(second.uri) == 1 ? true : nil
      }
      #expect(try current(first.uri) == 0)
      #expect(try daemon.metrics()["drawbridge_directory_failovers_total"] == 1)
    }
  }

  @Test("of sweeps: what they did, when the last one was, and that one was refused")
  func sweeps() async throws {
    try await House.with(settings: "[inactivity]\nchanges-per-second = 0\nwarn-before = []\n") { house in
      let admin = try house.daemon.adminClient()
      try house.slapd.add(3, "idle", lastUsed(1_577_836_800))
      #expect(try admin.send("SWEEP dry-run").hasPrefix("OK swept"))
      #expect(try house.daemon.metrics()["drawbridge_sweeps_total", [("result", "done")]] == 0)
      #expect(try admin.send("SWEEP").hasPrefix("OK swept"))
      let swept = try house.daemon.metrics()
      #expect(swept["drawbridge_sweeps_total", [("result", "done")]] == 1)
      #expect(swept["drawbridge_swept_accounts_total", [("action", "deactivated")]] == 3)
      #expect((swept["drawbridge_last_sweep_duration_seconds"] ?? 0) > 0)
      #expect(swept["drawbridge_sweep_refused"] == 0)
      // As the directory has it, so that it is known after a restart, too.
      let shared = try #require(try house.slapd.shared("drawbridgeLastSweep"))
      try house.daemon.terminate()
      try house.daemon.start()
      try house.daemon.awaitMetric("drawbridge_last_sweep_timestamp_seconds") {
        generalizedTime(Int($0)).dropLast() == shared.prefix(14)
      }

      try house.slapd.add(30, "more", lastUsed(1_577_836_800))
      #expect(try house.daemon.adminClient().send("SWEEP").hasPrefix("NO brake"))
      let refused = try house.daemon.metrics()
      #expect(refused["drawbridge_sweep_refused"] == 1)
      #expect(refused["drawbridge_sweeps_total", [("result", "refused")]] == 1)
      #expect(try house.daemon.adminClient().send("SWEEP force").hasPrefix("OK swept"))
      #expect(try house.daemon.metrics()["drawbridge_sweep_refused"] == 0)
    }
  }

  @Test("of a key that the ring lacks, and of charges that the directory refuses")
  func alarms() async throws {
    try await FaultyHouse.with { house in
      let person = try house.person("jdoe")
      house.proxy.setRule { $0.operation == .modifyRequest ? .answer(code: 53) : .pass }
      let client = try house.daemon.client()
      try client.send("SIGNIN \(person.mail)")
      #expect(try client.send("PASSWORD wrong").hasPrefix("LATER directory"))
      #expect(try house.daemon.metrics()["drawbridge_writes_refused"] == 1)
      house.proxy.passAll()
      #expect(try house.daemon.client().signIn(person, at: house.daemon.time).hasPrefix("OK signed-in"))
      let well = try house.daemon.metrics()
      #expect(well["drawbridge_writes_refused"] == 0 && well["drawbridge_unknown_keys_total", [("in", "token")]] == 0)
      // A token may name any key; an account is another matter.
      let token = Base64URL.encode([1, 0, 0, 9, 9] + [UInt8](repeating: 7, count: 100))
      #expect(try house.daemon.client().send("SESSION \(token)").hasPrefix("LATER keys"))
      let scrape = try house.daemon.metrics()
      #expect(scrape["drawbridge_unknown_keys_total", [("in", "token")]] == 1)
      #expect(scrape["drawbridge_unknown_keys_total", [("in", "account")]] == 0)
      #expect(scrape["drawbridge_later_total", [("reason", "keys")]] == 1)
    }
  }

  @Test("of a listener's certificate: when it runs out; and handshakes that came to nothing")
  func certificate() async throws {
    let listener = try TLSListener()
    defer { listener.end() }
    try await House.with(settings: listener.table()) { house in
      let told = try Command.run("openssl", ["x509", "-noout", "-enddate", "-in", listener.certificate])
      let text = told.output.replacingOccurrences(of: "notAfter=", with: "").trimmingCharacters(in: .newlines)
      let shown = try Command.run("date", ["-d", text, "+%s"])
      let ends = try #require(Double(shown.output.trimmingCharacters(in: .newlines)))
      let scrape = try house.daemon.metrics()
      #expect(
        scrape["drawbridge_certificate_expiry_timestamp_seconds", [("listener", "127.0.0.1:\(listener.port)")]] == ends)
      // Half of the connection is no handshake.
      _ = try Command.run("socat", ["-u", "OPEN:/etc/hostname", "TCP:127.0.0.1:\(listener.port)"])
      try house.daemon.awaitMetric("drawbridge_connections_refused_total", [("reason", "handshake")]) { $0 == 1 }
    }
  }
}
