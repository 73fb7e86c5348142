extension Reply {
  /// The reply as it goes over the wire: items first, LF after each line.
  ///
  /// No line exceeds ``LineLimit/lineMaxBytes``, its LF included: a field that does not fit is left out whole, since half
  /// a value is a wrong one, and a text is cut between two characters.
  public func encode() -> [UInt8] {
    var bytes: [UInt8] = []
    for item in items { bytes += item.encode() }
    return bytes + line("\(kind.rawValue) \(word)", fields, text)
  }
}

extension Item {
  /// One line, LF included, bounded like those of ``Reply/encode()``; for a server that sends items as they come.
  public func encode() -> [UInt8] {
    line("*", fields, text)
  }
}

private func line(_ head: String, _ fields: [Field], _ text: String?) -> [UInt8] {
  let lineMaxBytes = LineLimit.lineMaxBytes - 1  // the LF
  // A word is a constant of the server; should it ever not be, it still cannot end its line.
  var line = Array(removingControls(head).utf8.prefix(lineMaxBytes))
  for field in fields {
    let encoded = field.encode()
    if line.count + 1 + encoded.count <= lineMaxBytes { line += [ASCII.space] + encoded }
  }
  if let text, line.count + 2 <= lineMaxBytes {
    line += [ASCII.space, ASCII.colon]
    for scalar in removingControls(text).unicodeScalars {
      let encoded = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      guard line.count + encoded.count <= lineMaxBytes else { break }
      line += encoded
    }
  }
  return line + [ASCII.lf]
}

/// The text without C0, DEL and C1 (ISO/IEC 6429): they end lines, and command terminals.
private func removingControls(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
}
