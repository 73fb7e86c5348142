import Glibc

/// A moment on the monotonic clock until which something may take.
struct Deadline {
  private let atMilliseconds: Int

  init(seconds: Int) {
    atMilliseconds = Self.nowMilliseconds() + seconds * 1000
  }

  var isOver: Bool { remainingMilliseconds == 0 }

  var remainingMilliseconds: Int {
    max(0, atMilliseconds - Self.nowMilliseconds())
  }

  /// Whether the descriptor became ready in time; a hang-up counts, since the next read tells it.
  func wait(for events: Int32, on descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while !isOver {
      if poll(&entry, 1, Int32(clamping: remainingMilliseconds)) > 0 { return true }
    }
    return false
  }

  static func nowMilliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
  }
}
