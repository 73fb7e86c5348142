internal import CProcess
internal import Glibc

/// The memory of this process, which holds keys and passwords.
public enum Memory {
  /// No core file, and no debugger of another user. To be called before any secret is read.
  public static func conceal() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = cprocess_forbid_dumps()
  }
}
