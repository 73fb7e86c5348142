internal import NIOCore

/// Clients on their way from the event loop that accepted them to the task that talks with them.
///
/// A wrapped channel must not just be dropped: its writer is a trap until it is finished. So one that nobody takes any
/// more, because the daemon stops, is closed as if it had been talked with.
struct Arrivals<Heard: Sendable, Said: Sendable>: Sendable {
  typealias Client = NIOAsyncChannel<Heard, Said>

  /// Those before its end are in it to the last one.
  let stream: AsyncStream<(Client, Visitor)>
  private let continuation: AsyncStream<(Client, Visitor)>.Continuation

  /// - Parameter max: that wait at a time; more are closed.
  init(max: Int) {
    (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(max))
  }

  func add(_ client: Client, _ visitor: Visitor) {
    switch continuation.yield((client, visitor)) {
    case .enqueued: break
    default: Task { try? await client.executeThenClose { _, _ in } }
    }
  }

  func end() { continuation.finish() }
}
