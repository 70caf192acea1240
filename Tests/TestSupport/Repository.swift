// The path of this checkout, so that tests find its data, fixtures and pipelines from any working folder.

/// The checkout that the tests were built from.
public enum Repository {
  /// The absolute path of the folder with `Package.swift`, without a trailing slash.
  public static let root: String = {
    // This file is <root>/Tests/TestSupport/Repository.swift.
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/")
  }()

  /// The absolute path of a file or folder of the checkout, as in `Repository.path("data/digits")`.
  public static func path(_ relative: String) -> String { root + "/" + relative }
}
