/// What bounds a line of the protocol, in either direction.
public enum LineLimit {
  /// The bytes of one line before its LF, a CR before the LF included. A longer one is ``RequestError/lineTooLong``.
  public static let lineMaxBytes = 4096
}
