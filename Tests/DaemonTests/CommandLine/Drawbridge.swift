import Fixtures
import Foundation

/// The built `drawbridge`, on the admin socket of a house.
struct Drawbridge {
  let house: House

  @discardableResult
  func callAsFunction(_ arguments: String..., input: String = "") throws -> Command.Result {
    try run(arguments, input: input)
  }

  func run(_ arguments: [String], input: String = "") throws -> Command.Result {
    try Command.run(
      Daemon.binary("drawbridge"), arguments + ["--socket", house.daemon.admin], input: input, within: 300)
  }

  /// One object a line.
  static func objects(_ output: String) throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
        throw FixtureError("no object: \(line)")
      }
      return object
    }
  }
}

extension House {
  var drawbridge: Drawbridge { Drawbridge(house: self) }

  /// Lines of the audit about one act of an administrator.
  func audit(_ act: String) -> [String] {
    daemon.log.split(separator: "\n").map(String.init).filter {
      $0.hasSuffix(" audit") && $0.contains(" administration=\(act) ")
    }
  }
}
