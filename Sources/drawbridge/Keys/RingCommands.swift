import ArgumentParser
import Glibc
import Secrets

struct KeysAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Put a new key into the ring, which seals nothing yet.",
    discussion: """
      For root on the daemon's host. Where several hosts serve one directory, make the key on one, and copy its line into \
      the rings of the others.

      Example:
        drawbridge keys add
      """)

  @OptionGroup var ring: RingOption

  func run() throws {
    let terminal = Terminal()
    let id = try terminal.changing { () throws(KeyRingFailure) in
      try ring.file.add { count throws(RandomFailure) in try SystemRandom.bytes(count) }
    }
    terminal.say("Key \(id) is in \(ring.ring). It seals nothing yet.".withoutControls, .good)
    terminal.say("Keep a new copy of the ring offline, and put the same line into the ring of every other host.")
    terminal.tellToRead()
    terminal.say("Then, when every daemon has it: drawbridge keys activate \(id)")
  }
}

struct KeysActivate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate",
    abstract: "Make a key of the ring the one that seals.",
    discussion: """
      For root on the daemon's host. The key before it goes on opening what is old. Not before the daemon of every host has \
      read the new key: to one that has not, what is sealed under it is LATER.

      Example:
        drawbridge keys activate 2818573025
      """)

  @Argument(help: ArgumentHelp("The number of the key.", valueName: "id")) var key: KeyID
  @OptionGroup var ring: RingOption

  func run() throws {
    let terminal = Terminal()
    let before = try terminal.changing { () throws(KeyRingFailure) in
      try ring.file.activate(key.id, now: Int64(time(nil)))
    }
    terminal.say("Key \(key.id) is the active one in \(ring.ring); \(before) goes on opening.".withoutControls, .good)
    terminal.tellToRead()
    terminal.say("The same on every other host. Then, once: drawbridge keys rotate")
  }
}
