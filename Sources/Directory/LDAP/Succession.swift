/// What the servers of one configuration know, and those of the next one need: a reload is no reason to forget which
/// server may have taken a code, nor to go back to one that is down.
struct ServerKnowledge: Sendable {
  fileprivate let usedURI: String?
  fileprivate let fence: Fence
  fileprivate let rests: [String: ContinuousClock.Instant]
  fileprivate let failovers: Int
}

extension Servers {
  /// Once it is known whether the fence may be lifted early.
  var knowledge: ServerKnowledge {
    get async {
      await settling?.value
      return ServerKnowledge(
        usedURI: usedURI, fence: fence,
        rests: Dictionary(rests.map { (servers[$0.key].uri, $0.value) }, uniquingKeysWith: max), failovers: failovers)
    }
  }

  /// Before the first use.
  func take(_ knowledge: ServerKnowledge) {
    usedURI = knowledge.usedURI
    fence = knowledge.fence
    failovers = knowledge.failovers
    for index in servers.indices { rests[index] = knowledge.rests[servers[index].uri] }
  }

  /// From now on these use up no code, where the successors use another server. What is under way was sent before the
  /// fence is raised once more.
  func supersede(by successors: Servers) async {
    guard let usedURI, let other = await successors.usedURI, other != usedURI else { return }
    isSuperseded = true
    await successors.raiseFence(for: usedURI)
  }

  private func raiseFence(for uri: String) { fence.raise(for: uri, at: now()) }
}

extension AccountDirectory {
  /// Takes the place of the directory of the configuration before, and connects, so that nobody waits for it; a server
  /// that is down is no reason to stay with what was.
  public func succeed(_ former: AccountDirectory) async {
    await servers.take(former.servers.knowledge)
    try? await ping()
    await former.servers.supersede(by: servers)
  }
}
