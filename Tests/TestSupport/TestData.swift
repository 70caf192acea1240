// Data that are too large to commit: real weights and photographs. A test declares by the trait '.needs' that it uses
// them. Without them it is skipped. If `LAYERTAP_REQUIRE_DATA=1` is set, as in CI, it fails.

import FoundationEssentials
import Testing

/// The folder that `LAYERTAP_TESTDATA` names.
public enum TestData {
  /// Whether a test without its data fails.
  public static var isRequired: Bool { environment("LAYERTAP_REQUIRE_DATA") == "1" }

  /// Whether the long tests run, as with `Scripts/test --long`. A long test has the trait `.enabled(if:
  /// TestData.runsLongTests)`.
  public static var runsLongTests: Bool { environment("LAYERTAP_LONG_TESTS") == "1" }

  /// The absolute path of a file or folder below `LAYERTAP_TESTDATA`. If it is missing, the test ends here.
  public static func path(
    _ relative: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    if let what = missingFile(relative) { try Need.end(what, sourceLocation) }
    return (environment("LAYERTAP_TESTDATA") ?? "") + "/" + relative
  }

  /// The folder of the ONNX project's tests. If it is missing, the test ends here.
  public static func onnxTests(sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try Need.onnxTests.orCancel(sourceLocation: sourceLocation)
    return environment("LAYERTAP_ONNX_TESTS") ?? ""
  }

  static func missingFile(_ relative: String) -> String? {
    guard let root = environment("LAYERTAP_TESTDATA") else {
      return "\(relative): LAYERTAP_TESTDATA is not set"
    }
    let path = root + "/" + relative
    return FileManager.default.fileExists(atPath: path) ? nil : "\(path) does not exist"
  }

  /// The message about a missing folder that an environment variable names and a script makes, or nil if it exists.
  static func missingFolder(_ variable: String, _ script: String) -> String? {
    guard let path = environment(variable) else {
      return "\(variable) is not set; \(script) prints the folder"
    }
    return FileManager.default.fileExists(atPath: path) ? nil : "\(path) does not exist; \(script) makes it"
  }

  /// The value of an environment variable. An empty value counts as unset.
  static func environment(_ name: String) -> String? {
    let value = ProcessInfo.processInfo.environment[name]
    return value?.isEmpty == true ? nil : value
  }
}
