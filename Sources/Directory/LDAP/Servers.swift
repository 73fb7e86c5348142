internal import Logging

/// The servers of one directory, in the order in which they are preferred. Everybody shares one connection; a dead one
/// is replaced by the next operation, and nobody waits twice for the same server.
actor Servers {
  private let servers: [Server]
  private let operationsMax: Int
  private let logger: Logger
  private let observer: (any DirectoryObserver)?
  private var current: CheckedConnection?
  private var opening: Task<Result<CheckedConnection, DirectoryError>, Never>?
  /// Connections that a sweep or a list has for itself: slapd keeps one paged search a connection.
  private var reserved = 0
  private static let reservedMax = 4
  /// What a connection must pass before it is used.
  private let check: @Sendable (Connection) async throws(DirectoryError) -> ServerTraits

  init(
    _ servers: [Server], operationsMax: Int, logger: Logger, observer: (any DirectoryObserver)? = nil,
    check: @escaping @Sendable (Connection) async throws(DirectoryError) -> ServerTraits
  ) {
    self.servers = servers
    self.operationsMax = operationsMax
    self.logger = logger
    self.observer = observer
    self.check = check
  }

  func connection() async throws(DirectoryError) -> CheckedConnection {
    if let current, await !current.connection.isDead { return current }
    if let opening { return try await opening.value.get() }
    let task = Task { await open() }
    opening = task
    let result = await task.value
    opening = nil
    current = try? result.get()
    return try result.get()
  }

  private func open() async -> Result<CheckedConnection, DirectoryError> {
    var failure = DirectoryError.unavailable("no server is configured (directory.uris)")
    for server in servers {
      do throws(DirectoryError) {
        let connection = try await Connection.open(server, operationsMax: operationsMax, observer: observer)
        do throws(DirectoryError) {
          let traits = try await check(connection)
          logger.info("directory connected", metadata: ["uri": "\(server.uri)", "as": "\(connection.identity)"])
          observer?.connected(to: server.uri)
          return .success(CheckedConnection(connection: connection, traits: traits))
        } catch {
          await connection.close()
          throw error
        }
      } catch {
        logger.error("directory not usable", metadata: ["reason": "\(error.text)"])
        observer?.failed(server.uri)
        failure = error
      }
    }
    observer?.foundNone()
    return .failure(failure)
  }

  /// Looks at every server, fit or not, on a connection of its own.
  func each<Value: Sendable>(
    _ look: (Server, Connection) async throws(DirectoryError) -> Value
  ) async -> [(server: Server, result: Result<Value, DirectoryError>)] {
    var seen: [(server: Server, result: Result<Value, DirectoryError>)] = []
    for server in servers {
      do throws(DirectoryError) {
        let connection = try await Connection.open(server, operationsMax: operationsMax)
        do throws(DirectoryError) {
          seen.append((server, .success(try await look(server, connection))))
          await connection.close()
        } catch {
          await connection.close()
          throw error
        }
      } catch {
        seen.append((server, .failure(error)))
      }
    }
    return seen
  }

  /// A connection for one caller alone, who releases it.
  func reserve() async throws(DirectoryError) -> CheckedConnection {
    guard reserved < Self.reservedMax else { throw .busy }
    reserved += 1
    do throws(DirectoryError) { return try await open().get() } catch {
      reserved -= 1
      throw error
    }
  }

  func release(_ checked: CheckedConnection) async {
    reserved -= 1
    await checked.connection.close()
  }

  func close() async {
    await current?.connection.close()
    current = nil
  }
}

/// A connection whose server was seen to be fit, and what that server can do.
struct CheckedConnection: Sendable {
  let connection: Connection
  let traits: ServerTraits
}
