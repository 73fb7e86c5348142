import ArgumentParser
import Glibc
import Secrets

/// The ring as it lies on this host; the daemon reads it at its start, and at a reload.
struct RingOption: ParsableArguments {
  @Option(help: ArgumentHelp("The key ring, as keys.ring names it.", valueName: "file"), completion: .file())
  var ring = "/etc/drawbridge/keys"

  var file: KeyRingFile { KeyRingFile(path: ring) }
}

extension Terminal {
  /// Runs work on a key ring. What keeps it from its end is told; the ring is then as it was.
  func changing<Value>(_ work: () throws(KeyRingFailure) -> Value) throws(ExitCode) -> Value {
    do throws(KeyRingFailure) { return try work() } catch {
      tell(error.description.withoutControls, .bad)
      throw ExitCode(EX_CANTCREAT)
    }
  }

  /// What has to follow each change of the ring.
  func tellToRead() {
    say("Let the daemon read the ring: drawbridge reload")
    say("Where the unit has LoadCredential=keys:, the daemon has a copy: systemctl restart drawbridged")
  }
}

/// The number of a key, as `keys status` shows it.
struct KeyID: ExpressibleByArgument {
  let id: UInt32

  init?(argument: String) {
    guard argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = UInt32(argument), id > 0 else {
      return nil
    }
    self.id = id
  }
}
