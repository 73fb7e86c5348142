import Configuration
import Synchronization
import Testing

@testable import SignInServer

/// PR-04: start:percent:full, as OpenSSH's MaxStartups, and no more than some of one source.
@Suite("Places of connections whose user is not known") struct StartupPlacesTests {
  private static func source(_ text: String) -> Source { Source(address: Array(text.utf8)) }

  /// One place in use of each of so many sources.
  private static func fill(_ places: StartupPlaces, _ count: Int) -> [StartupPlace] {
    (0..<count).compactMap { places.enter(source("198.51.100.\($0)")) }
  }

  @Test(
    "are refused with a chance that rises from start to full",
    arguments: [
      (9, 0, true), (10, 29, false), (10, 30, true), (15, 64, false), (15, 65, true), (19, 92, false), (19, 93, true),
      (20, 99, false),
    ])
  func chance(taken: Int, drawn: Int, isIn: Bool) {
    let number = Mutex(100)
    let places = StartupPlaces(
      Startups(start: 10, percent: 30, full: 20), perSourceMax: 100, percent: { number.withLock { $0 } })
    let held = Self.fill(places, taken)
    #expect(held.count == taken)
    number.withLock { $0 = drawn }
    let place = places.enter(Self.source("203.0.113.1"))
    #expect((place != nil) == isIn)
  }

  @Test("are given back once, whatever is said twice")
  func once() throws {
    let places = StartupPlaces(Startups(start: 2, percent: 100, full: 2), perSourceMax: 2)
    let one = Self.source("203.0.113.1")
    let first = try #require(places.enter(one))
    let second = try #require(places.enter(one))
    #expect(places.enter(Self.source("203.0.113.2")) == nil)
    for _ in 0..<3 { first.isKnown() }
    // Known, and still one of its source.
    #expect(places.enter(one) == nil)
    let third = try #require(places.enter(Self.source("203.0.113.2")))
    #expect(places.enter(Self.source("203.0.113.3")) == nil)
    for _ in 0..<3 { first.leave() }
    #expect(places.enter(one) == nil)
    for _ in 0..<3 { second.leave() }
    #expect(places.enter(one) != nil)
    third.leave()
  }

  @Test("are counted by the network of 64 bits where it is IPv6")
  func networks() {
    let places = StartupPlaces(Startups(start: 100, percent: 100, full: 100), perSourceMax: 1)
    let held = places.enter(Self.source("2001:db8:0:1::1"))
    #expect(held != nil)
    #expect(places.enter(Self.source("2001:db8:0:1:ffff::2")) == nil)
    #expect(places.enter(Self.source("2001:db8:0:2::1")) != nil)
    #expect(places.enter(Self.source("::ffff:203.0.113.9")) != nil)
    #expect(places.enter(Self.source("203.0.113.8")) != nil)
  }
}
