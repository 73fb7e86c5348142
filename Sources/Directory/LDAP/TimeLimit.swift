internal import Dispatch
internal import Synchronization

/// What the body answers, or an error once so many seconds have passed: the body then ends by its own deadlines, and
/// nobody hears of it.
func within<Value: Sendable>(
  _ seconds: Double, else failure: DirectoryError,
  _ body: @escaping @Sendable () async throws(DirectoryError) -> Value
) async throws(DirectoryError) -> Value {
  let result: Result<Value, DirectoryError> = await withCheckedContinuation { continuation in
    let once = Once(continuation)
    Task {
      do throws(DirectoryError) { once.resume(.success(try await body())) } catch { once.resume(.failure(error)) }
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { once.resume(.failure(failure)) }
  }
  return try result.get()
}

/// Resumes a continuation with what comes first.
final class Once<Value: Sendable>: Sendable {
  private let continuation: Mutex<CheckedContinuation<Value, Never>?>
  init(_ continuation: CheckedContinuation<Value, Never>) { self.continuation = Mutex(continuation) }

  func resume(_ value: Value) {
    let waiting = continuation.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    waiting?.resume(returning: value)
  }
}
