/// Everything that is wrong with a configuration, in the order of the file and then of the environment.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  public let problems: [Problem]

  init(_ problems: [Problem]) {
    self.problems = problems
  }

  init(_ problem: Problem) {
    problems = [problem]
  }

  /// A line for each.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing that is wrong, and what is accepted in its place.
public struct Problem: Sendable, Equatable, CustomStringConvertible {
  /// A path, or `environment`.
  public let file: String
  /// From 1; nil where the file or the environment as a whole is meant.
  public let position: Position?
  /// `directory.base`, or the variable's name.
  public let setting: String?
  public let message: String

  public struct Position: Sendable, Hashable, Comparable {
    public let line: Int
    /// In characters of Unicode.
    public let column: Int

    public static func < (left: Position, right: Position) -> Bool {
      (left.line, left.column) < (right.line, right.column)
    }
  }

  init(file: String, position: Position? = nil, setting: String? = nil, message: String) {
    self.file = file
    self.position = position
    self.setting = setting
    self.message = message
  }

  /// `file:line:column: setting: message`
  public var description: String {
    let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
    return "\(place): \(setting.map { "\($0): " } ?? "")\(message)"
  }
}
