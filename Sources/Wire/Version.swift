/// What is released under one number, daemon and command line; `CHANGELOG.md` tells what each brought.
public enum Version {
  public static let current = "0.1.0"
}
