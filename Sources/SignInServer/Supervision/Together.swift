internal import ServiceLifecycle

/// Services that begin and end at one time: none of them waits with its end for that of another.
struct Together: Service {
  let services: [any Service]
  let supervisor: Supervisor
  let admission: Admission

  private static let interval = Duration.seconds(1)

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await tellOfTheEnd() }
      try await withThrowingTaskGroup(of: Void.self) { inner in
        for service in services { inner.addTask { try await service.run() } }
        try await inner.waitForAll()
      }
      group.cancelAll()
    }
  }

  /// From the moment that the daemon is to stop, so that whoever waits for it knows for what.
  private func tellOfTheEnd() async {
    do {
      try await gracefulShutdown()
      while true {
        supervisor.tell(.stopping, status: "stopping; \(admission.count) connections to finish")
        try await Task.sleep(for: Self.interval)
      }
    } catch {
      return
    }
  }
}
