// Data that is too large to commit: real weights and photographs. A test asks for a path and returns
// early when there is none; where `LAYERTAP_REQUIRE_DATA=1` is set, as in CI, that is a failure.

import FoundationEssentials
import Glibc
import Testing

/// The folder that `LAYERTAP_TESTDATA` names.
public enum TestData {
  /// Whether a missing file fails the test that asked for it.
  public static var isRequired: Bool { environment("LAYERTAP_REQUIRE_DATA") == "1" }

  /// Whether the long tests run: `Scripts/test --long`. Used as `@Test(.enabled(if: TestData.runsLongTests))`.
  public static var runsLongTests: Bool { environment("LAYERTAP_LONG_TESTS") == "1" }

  /// The absolute path of a file or folder below `LAYERTAP_TESTDATA`, or nil with a one-line notice.
  ///
  /// ```swift
  /// guard let images = TestData.path("images/clothing") else { return }
  /// ```
  public static func path(
    _ relative: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> String? {
    guard let root = environment("LAYERTAP_TESTDATA") else {
      return missing("\(relative): LAYERTAP_TESTDATA is not set", at: sourceLocation)
    }
    let path = root + "/" + relative
    guard FileManager.default.fileExists(atPath: path) else {
      return missing("\(path) does not exist", at: sourceLocation)
    }
    return path
  }

  /// The folder that an environment variable names, or nil with a one-line notice that says how it is made.
  public static func folder(
    _ variable: String, madeBy script: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> String? {
    guard let path = environment(variable) else {
      return missing("\(variable) is not set; \(script) prints the folder", at: sourceLocation)
    }
    guard FileManager.default.fileExists(atPath: path) else {
      return missing("\(path) does not exist; \(script) makes it", at: sourceLocation)
    }
    return path
  }

  /// Records what is missing: a failure where data is required, otherwise a line on standard error.
  static func missing(_ what: String, at sourceLocation: SourceLocation) -> String? {
    if isRequired {
      Issue.record("LAYERTAP_REQUIRE_DATA=1, but \(what)", sourceLocation: sourceLocation)
    } else {
      let line = "skipped for lack of data: \(sourceLocation.fileID):\(sourceLocation.line): \(what)\n"
      _ = unsafe write(STDERR_FILENO, line, line.utf8.count)
    }
    return nil
  }

  /// The value of an environment variable; an empty one counts as unset.
  static func environment(_ name: String) -> String? {
    let value = ProcessInfo.processInfo.environment[name]
    return value?.isEmpty == true ? nil : value
  }
}
