internal import CQREncode

/// A QR code (ISO/IEC 18004): a square of dark and light modules, in byte mode and with error correction level M,
/// which survives the loss of about 15 % of its area.
///
/// The picture of a TOTP key holds the key: whoever keeps it keeps a secret.
public struct QRCode: Sendable {
  /// What version 40 holds in byte mode at level M (ISO/IEC 18004, table 7).
  public static let textMaxBytes = 2331

  /// Modules along one edge, 21...177, without the quiet zone.
  public let size: Int

  /// Row by row.
  private let modules: [Bool]

  /// Encodes the bytes as they are; nil for none, for more than ``textMaxBytes``, and without memory.
  public init?(_ text: [UInt8]) {
    guard 1...Self.textMaxBytes ~= text.count else { return nil }
    let encoded = text.withUnsafeBufferPointer {
      QRcode_encodeData(Int32($0.count), $0.baseAddress, 0, QR_ECLEVEL_M)
    }
    guard let encoded else { return nil }
    defer { QRcode_free(encoded) }
    guard let data = encoded.pointee.data, 1...177 ~= encoded.pointee.width else { return nil }
    size = Int(encoded.pointee.width)
    // The lowest bit is the colour; the others say what the module is for.
    modules = UnsafeBufferPointer(start: data, count: size * size).map { $0 & 1 == 1 }
  }

  /// Whether the module in column `x` of row `y` is dark; light outside the square, where the quiet zone lies.
  public subscript(x: Int, y: Int) -> Bool {
    0..<size ~= x && 0..<size ~= y && modules[y * size + x]
  }
}
