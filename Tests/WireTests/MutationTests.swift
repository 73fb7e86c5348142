import Fixtures
import Testing
import Wire

@Suite("Two hundred thousand broken lines")
struct MutationTests {
  static let linesMax = 100_000

  @Test("make a request that encodes to itself, or an error", arguments: [1, 2] as [UInt64])
  func requests(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let seeds = RequestTests.understood.map { bytes($0.0) }
    var parsed = 0
    for _ in 0..<Self.linesMax {
      let line = mutated(seeds.randomElement(using: &random) ?? [], &random)
      guard let request = try? Request.parse(line) else { continue }
      parsed += 1
      // An encoded login may outgrow a line; an answer never does.
      guard let encoded = try? request.encode() else { continue }
      let again = try Request.parse(encoded.dropLast())
      if again != request { Issue.record("\(line) became \(request), and that \(again)") }
    }
    #expect(parsed > 1000, "the mutations are mild enough to reach the depths")
  }

  @Test("make a reply that encodes to itself, or an error", arguments: [3, 4] as [UInt64])
  func replies(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let seeds = [
      "OK ready protocol=1", "ASK totp digits=6 echo=on refused=wrong left=4 :Wrong code.", "* :██  ██",
      "* dn=uid%3Djane action=skipped :x", "LATER busy after=5", "NO denied :", "ERR bad-byte",
    ].map(bytes)
    var parser = ReplyParser(itemsMax: 50)
    var parsed = 0
    for _ in 0..<Self.linesMax {
      let line = mutated(seeds.randomElement(using: &random) ?? [], &random)
      guard let reply = try? parser.take(line) else { continue }
      parsed += 1
      // Texts lose their controls on the way, once.
      let clean = try replay(reply.encode())
      if try replay(clean.encode()) != clean { Issue.record("\(line) became \(clean)") }
    }
    #expect(parsed > 1000, "the mutations are mild enough to reach the depths")
  }

  private func replay(_ encoded: [UInt8]) throws -> Reply {
    var parser = ReplyParser()
    var last: Reply?
    for line in encoded.split(separator: 0x0A) { last = try parser.take(Array(line)) }
    return try #require(last)
  }

  private func mutated(_ line: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    if Int.random(in: 0..<10, using: &random) == 0 { return random.bytes(upTo: 200) }
    var line = line
    let special = Array(" %=:,*\r\n\0é-Aa0".utf8) + [0xFF, 0x80, 0x7F]
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      let index = Int.random(in: 0...line.count, using: &random)
      let byte = special.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<5, using: &random) {
      case 0: line.insert(byte, at: index)
      case 1 where index < line.count: line[index] = byte
      case 2 where index < line.count: line.remove(at: index)
      case 3: line.insert(contentsOf: line.prefix(index), at: index)
      default: line.removeLast(line.count - index)
      }
    }
    return line
  }
}
