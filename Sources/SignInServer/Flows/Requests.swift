internal import Secrets
internal import SignIn
internal import Wire

/// What the line protocol says in words, in values of flows; `Replies.swift` has the other way.
extension Request.Flow {
  var kind: Flow.Kind {
    switch self {
    case .signIn: .signIn
    case .first: .firstLogin
    case .forgot: .forgotPassword
    case .change: .changePassword
    case .reenrol: .replaceAuthenticator
    }
  }
}

extension Flow.Kind {
  var word: String {
    switch self {
    case .signIn: "signin"
    case .firstLogin: "first"
    case .forgotPassword: "forgot"
    case .changePassword: "change"
    case .replaceAuthenticator: "reenrol"
    }
  }
}

extension Abilities {
  init(_ can: Set<Request.Capability>?) {
    self = can.map { Abilities(asksOnce: $0.contains(.onePrompt), enrols: $0.contains(.qr)) } ?? .plain
  }
}

extension SignIn.Answer {
  init(_ answer: Request.Answer) {
    switch answer {
    case .password(let bytes): self = .password(Secret(bytes))
    case .code(let bytes): self = .code(bytes)
    case .again: self = .again
    case .newPassword(let bytes): self = .newPassword(Secret(bytes))
    case .confirmPassword(let bytes): self = .confirmPassword(Secret(bytes))
    case .totp(let bytes): self = .totp(bytes)
    case .recovery(let bytes): self = .recoveryCode(bytes)
    case .combined(let bytes): self = .combined(Secret(bytes))
    case .enrol(let bytes): self = .enrol(bytes)
    }
  }
}
