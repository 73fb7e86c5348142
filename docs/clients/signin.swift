// Signs a person in: signin LOGIN. Exits with 0 (signed in), 1 (refused) or 2 (anything else). swiftc signin.swift
import Foundation

let path = ProcessInfo.processInfo.environment["DRAWBRIDGE_SOCKET"] ?? "/run/drawbridge/signin.sock"
var address = sockaddr_un()
address.sun_family = sa_family_t(AF_UNIX)
withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
let daemon = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
let size = socklen_t(MemoryLayout<sockaddr_un>.size)
let code = withUnsafeBytes(of: &address) {
  connect(daemon, $0.assumingMemoryBound(to: sockaddr.self).baseAddress!, size)
}
guard CommandLine.arguments.count == 2, code == 0, let input = fdopen(daemon, "r") else { exit(2) }

/// The next reply, in words. What is for people is shown, items before it, too.
func hear() -> [Substring] {
  var line = [CChar](repeating: 0, count: 4200)
  while fgets(&line, Int32(line.count), input) != nil {
    let reply = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let text = reply.range(of: " :")
    if let text { print(reply[text.upperBound...]) }
    if !reply.hasPrefix("*") { return reply[..<(text?.lowerBound ?? reply.endIndex)].split(separator: " ") }
  }
  exit(2)
}

_ = hear()
var line = "SIGNIN \(CommandLine.arguments[1].utf8.map { String(format: "%%%02X", $0) }.joined()) service=example"
while true {
  guard send(daemon, line + "\n", line.utf8.count + 1, Int32(MSG_NOSIGNAL)) > 0 else { exit(2) }
  let reply = hear()
  switch reply[0] {
  case "ASK":
    let isHidden = reply.contains("echo=off") && isatty(0) == 1
    guard let typed = isHidden ? String(cString: getpass("")) : readLine() else { exit(2) }
    line = "\(reply[1].uppercased()) \(typed)"
  case "LATER": sleep(reply.first { $0.hasPrefix("after=") }.flatMap { UInt32($0.dropFirst(6)) } ?? 1)
  default: exit(reply[0] == "OK" ? 0 : reply[0] == "NO" ? 1 : 2)
  }
}
