extension QRCode {
  /// The code in half-block characters (U+2580, U+2584, U+2588) and spaces: a line holds two rows of modules, and a
  /// character two modules, one above the other. There are no escape codes.
  ///
  /// Light modules are drawn and dark ones left blank, so that a terminal with light text on a dark background shows
  /// the code as printed. One with dark text on a light background shows its negative, which readers accept
  /// (ISO/IEC 18004, reflectance reversal).
  ///
  /// - Parameter quiet: modules of quiet zone, brought into 2...4. The standard asks for four; readers are content
  ///   with two, and a terminal of 24 lines is not with four.
  public func lines(quiet: Int = 2) -> [String] {
    let quiet = min(max(quiet, 2), 4)
    let edge = size + quiet
    return stride(from: -quiet, to: edge, by: 2).map { y in
      var line = ""
      for x in -quiet..<edge {
        // The half below the last of an odd number of rows is quiet zone too.
        switch (upper: self[x, y], lower: self[x, y + 1]) {
        case (upper: true, lower: true): line += " "
        case (upper: true, lower: false): line += "▄"
        case (upper: false, lower: true): line += "▀"
        case (upper: false, lower: false): line += "█"
        }
      }
      return line
    }
  }
}
