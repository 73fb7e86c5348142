import ArgumentParser
import Wire

/// Findings as people and scripts read them.
struct Report {
  let findings: [Finding]

  /// 0 where all is good, 1 where something is to be looked at or could not be, 2 where something is bad.
  var exitCode: ExitCode {
    if findings.contains(where: { $0.verdict == .bad }) { return ExitCode(2) }
    return findings.contains { $0.verdict == .warning || $0.verdict == .unknown } ? ExitCode(1) : .success
  }

  /// One object a line.
  func sayJSON(on terminal: Terminal) {
    for finding in findings { terminal.say(JSON(Item(finding.fields)).description) }
  }

  /// What is good first, in a line each; then paragraphs, the worst last, where the eye is.
  func say(on terminal: Terminal) {
    for finding in findings where finding.verdict == .good {
      terminal.say("good     \(finding.check): \(finding.what.withoutControls)", .good)
    }
    for verdict in [Finding.Verdict.note, .unknown, .warning, .bad] {
      for group in groups(verdict) { say(group, on: terminal) }
    }
    let counts = Finding.Verdict.allCases.map { verdict in
      "\(findings.count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
    terminal.say("")
    terminal.say(counts.joined(separator: ", ") + ".", .bold)
  }

  /// Findings of the same words are told once: where nothing of slapd can be seen, all of it has one reason.
  private func groups(_ verdict: Finding.Verdict) -> [[Finding]] {
    var groups: [[Finding]] = []
    for finding in findings where finding.verdict == verdict {
      if let index = groups.firstIndex(where: { $0.first?.what == finding.what && $0.first?.mend == finding.mend }) {
        groups[index].append(finding)
      } else {
        groups.append([finding])
      }
    }
    return groups
  }

  private func say(_ group: [Finding], on terminal: Terminal) {
    guard let finding = group.first else { return }
    let name = finding.verdict.rawValue
    let padded = name + String(repeating: " ", count: max(1, 9 - name.count))
    terminal.say("")
    terminal.say("\(padded)\(group.map(\.check).joined(separator: ", "))", finding.verdict.style)
    terminal.say("  \(finding.what.withoutControls)")
    if let why = finding.why { terminal.say("  Why:  \(why.withoutControls)") }
    guard let mend = finding.mend else { return }
    let lines = mend.split(separator: "\n").map { String($0).withoutControls }
    if lines.count == 1 { return terminal.say("  Mend: \(mend.withoutControls)") }
    terminal.say("  Mend:")
    for line in lines { terminal.say("    \(line)") }
  }
}

extension Finding.Verdict {
  fileprivate var style: Terminal.Style {
    switch self {
    case .good: .good
    case .note: .bold
    case .warning, .unknown: .warning
    case .bad: .bad
    }
  }
}
