internal import Mail
internal import Synchronization

/// For whoever is no request, and can wait: a sweep never drops a mail because the queue is full.
extension Postbox {
  private static let roomPause = Duration.milliseconds(200)
  /// Far less than the lease of a claim, so that nobody else sends the same meanwhile.
  private static let deliveryLifetime = Duration.seconds(300)

  /// Waits until the queue takes a message; false where the task was cancelled meanwhile.
  func waitForRoom() async -> Bool {
    guard let outbox else { return !Task.isCancelled }
    while !outbox.hasRoom {
      do { try await Task.sleep(for: Self.roomPause) } catch { return false }
    }
    return !Task.isCancelled
  }

  /// Waits until the mail server has the message, or until nobody tries any more: false then, and at a cancellation.
  func deliver(_ message: Message) async -> Bool {
    guard let outbox, await waitForRoom() else { return false }
    let answer = Answer()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        answer.await(continuation)
        let isTaken = outbox.post(message, lifetime: Self.deliveryLifetime) { answer.give($0) }
        if !isTaken || Task.isCancelled { answer.give(false) }
      }
    } onCancel: {
      answer.give(false)
    }
  }
}

/// Resumes a continuation with the first answer.
private final class Answer: Sendable {
  private let waiting = Mutex<CheckedContinuation<Bool, Never>?>(nil)

  func await(_ continuation: CheckedContinuation<Bool, Never>) { waiting.withLock { $0 = continuation } }

  func give(_ answer: Bool) { waiting.withLock { $0.take() }?.resume(returning: answer) }
}
