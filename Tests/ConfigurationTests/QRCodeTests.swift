import Foundation
import QRCode
import Testing

@Suite(.timeLimit(.minutes(1))) struct QRCodeTests {
  static let texts: [[UInt8]] = [
    Array("x".utf8),
    Array(
      "otpauth://totp/Example%20SSO:alice%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example%20SSO"
        .utf8),
    Array("otpauth://totp/a%3Ab%3Fx%3D%26%40ex:ü?secret=GEZDGNBVGY3TQOJQ&issuer=Grüße".utf8),
    Array(repeating: UInt8(ascii: "a"), count: 900),
  ]

  @Test(arguments: texts)
  func aReaderReadsThePicture(text: [UInt8]) throws {
    let code = try #require(QRCode(text))
    let png = try run("/usr/bin/rsvg-convert", ["-w", "800", "-h", "800"], input: Data(code.svg().utf8))
    #expect(try run("/usr/bin/zbarimg", ["-q", "--raw", "-Sbinary", "png:-"], input: png) == Data(text))
  }

  @Test(arguments: texts, [2, 4])
  func aReaderReadsTheTerminal(text: [UInt8], quiet: Int) throws {
    let lines = try #require(QRCode(text)).lines(quiet: quiet)
    let png = try run("/usr/bin/zbarimg", ["-q", "--raw", "-Sbinary", "pnm:-"], input: picture(of: lines))
    #expect(png == Data(text))
  }

  @Test func aLineIsNeverLong() throws {
    let code = try #require(QRCode(Array(repeating: 0x55, count: QRCode.textMaxBytes)))
    #expect(code.size == 177)
    #expect(code.svg().split(separator: "\n").allSatisfy { $0.utf8.count < 3_000 })
  }

  @Test(arguments: [0, QRCode.textMaxBytes + 1, 100_000])
  func whatDoesNotFitIsNoCode(count: Int) {
    #expect(QRCode(Array(repeating: 0x55, count: count)) == nil)
  }

  @Test func outsideIsLight() throws {
    let code = try #require(QRCode([0]))
    #expect(code[0, 0] && !code[-1, 0] && !code[0, code.size] && !code[.max, .min])
  }

  @Test(arguments: [(1, 2), (2, 2), (3, 3), (4, 4), (.max, 4), (.min, 2)])
  func theQuietZoneKeepsItsBounds(asked: Int, given: Int) throws {
    let code = try #require(QRCode([0]))
    let lines = code.lines(quiet: asked)
    #expect(lines.allSatisfy { $0.count == code.size + 2 * given })
    #expect(lines.count == (code.size + 2 * given + 1) / 2)
  }

  /// As a dark terminal shows it: what is drawn is light.
  private func picture(of lines: [String]) -> Data {
    let scale = 4
    var rows: [[UInt8]] = []
    for line in lines {
      rows.append(line.map { "█▀".contains($0) ? 255 : 0 })
      rows.append(line.map { "█▄".contains($0) ? 255 : 0 })
    }
    let width = (rows.first?.count ?? 0) * scale
    var data = Data("P5 \(width) \(rows.count * scale) 255\n".utf8)
    for row in rows {
      let wide = row.flatMap { Array(repeating: $0, count: scale) }
      for _ in 0..<scale { data += wide }
    }
    return data
  }

  private func run(_ program: String, _ arguments: [String], input: Data) throws -> Data {
    let file = FileManager.default.temporaryDirectory.appending(path: "qr-\(UUID())")
    try input.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return data
  }
}
