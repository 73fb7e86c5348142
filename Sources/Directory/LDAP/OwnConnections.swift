extension Servers {
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

  /// A connection for one caller alone, to the server that everybody uses; the caller releases it.
  func reserve() async throws(DirectoryError) -> CheckedConnection {
    guard reserved < Self.reservedMax else { throw .busy }
    reserved += 1
    do throws(DirectoryError) { return try await attempt(connection().index) } catch {
      reserved -= 1
      throw error
    }
  }

  func release(_ checked: CheckedConnection) async {
    reserved -= 1
    await checked.connection.close()
  }
}
