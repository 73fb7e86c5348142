import Testing

@testable import Configuration

@Suite struct InactivitySettingsTests {
  private func parse(_ lines: String, environment: [String: String] = [:]) throws -> InactivitySettings {
    try Configuration.parse(minimal + "[inactivity]\n" + lines, file: "d.toml", environment: environment).inactivity
  }

  private func problem(_ lines: String, environment: [String: String] = [:]) -> String? {
    do {
      _ = try parse(lines, environment: environment)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func theDefaults() throws {
    let settings = try parse("")
    #expect(settings.warnBefore.map(\.description) == ["30d", "7d"])
    #expect(settings.sweepAt.isEmpty && settings.sweepEvery?.description == "1d")
    #expect(settings.jitter.description == "10m" && settings.changesPerSecond == 20)
    #expect(settings.records == "/var/lib/drawbridge/sweeps" && settings.exemptGroup == nil)
  }

  @Test func timesOfTheDayTakeTheIntervalsPlace() throws {
    let settings = try parse("sweep-at = [\"15:00\", \"03:30\", \"15:00\"]")
    #expect(settings.sweepAt.map(\.description) == ["03:30", "15:00"] && settings.sweepEvery == nil)
    let both = problem("sweep-every = \"1d\"\nsweep-at = [\"03:30\"]")
    #expect(both?.contains("d.toml:7:1: inactivity.sweep-at: does not go with sweep-every") == true, "\(both ?? "")")
    #expect(problem("sweep-every = \"1d\"", environment: ["DRAWBRIDGE_INACTIVITY_SWEEP_AT": "03:30, 04:00"]) != nil)
    let words = try parse("", environment: ["DRAWBRIDGE_INACTIVITY_SWEEP_AT": "03:30, 04:00"])
    #expect(words.sweepAt.map(\.minutes) == [210, 240])
  }

  @Test(arguments: ["24:00", "3:30", "03:60", "0330", "03:30:00", "-1:30", "03.30", "", "٠3:30", "03:3٠"])
  func whatIsNoTimeOfTheDay(text: String) { #expect(problem("sweep-at = [\"\(text)\"]") != nil) }

  @Test func warningsComeWithinTheLimit() throws {
    #expect(try parse("warn-before = []").warnBefore.isEmpty)
    #expect(try parse("warn-before = [\"36h\"]").warnBefore.map(\.description) == ["36h"])
    #expect(problem("limit = \"30d\"\nwarn-before = [\"30d\"]")?.contains("inactivity.limit") == true)
    // The default follows the limit.
    #expect(try parse("limit = \"30d\"").warnBefore.map(\.description) == ["7d"])
    #expect(try parse("limit = \"2d\"").warnBefore.isEmpty)
  }

  @Test func recordsCanBeSwitchedOff() throws {
    #expect(try parse("records = \"off\"").records == nil)
    #expect(problem("records = \"sweeps\"") != nil)
  }
}
