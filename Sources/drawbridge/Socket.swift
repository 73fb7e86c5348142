import Glibc

/// The daemon's two sockets, and where they are unless somebody says otherwise.
enum Socket {
  case signIn, admin

  var standardPath: String {
    switch self {
    case .signIn: "/run/drawbridge/signin.sock"
    case .admin: "/run/drawbridge/admin.sock"
    }
  }

  private var variable: String {
    switch self {
    case .signIn: "DRAWBRIDGE_SOCKET"
    case .admin: "DRAWBRIDGE_ADMIN_SOCKET"
    }
  }

  /// The option, else the environment, else the standard path.
  func path(_ option: String?) -> String {
    if let option { return option }
    guard let value = getenv(variable), value.pointee != 0 else { return standardPath }
    return String(cString: value)
  }
}
