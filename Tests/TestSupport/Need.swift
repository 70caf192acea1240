// Files and programs that a test cannot make and that this repository does not contain. Without them a test is skipped
// and counted as skipped, never as passed.

import FoundationEssentials
import Testing

/// Weights, photographs or a program that may be missing on a machine.
public struct Need: Sendable {
  /// The missing thing and how to get it, or nil if it is on this machine.
  let missing: @Sendable () -> String?

  /// EfficientNet-Lite0's checkpoint.
  public static let lite0 = Need(missing: Weights.missingLite0)

  /// Python with NumPy.
  public static let numPy = Need(missing: Python.missing)

  /// Chromium.
  public static let browser = Need(missing: Browser.missing)

  /// The ONNX project's tests of backends.
  public static let onnxTests = Need { TestData.missingFolder("LAYERTAP_ONNX_TESTS", "Scripts/onnx-tests") }

  /// Files or folders below `LAYERTAP_TESTDATA`.
  public static func data(_ paths: String...) -> Need { data(paths) }

  /// Files or folders below `LAYERTAP_TESTDATA`.
  public static func data(_ paths: [String]) -> Need {
    Need { paths.lazy.compactMap(TestData.missingFile).first }
  }

  /// Ends the test at this call if the thing is missing. Earlier checks, which do not need the thing, still count.
  public func orCancel(sourceLocation: SourceLocation = #_sourceLocation) throws {
    if let what = missing() { try Self.end(what, sourceLocation) }
  }

  /// Ends a test because something is missing. The test counts as skipped, or as failed if `LAYERTAP_REQUIRE_DATA=1`.
  static func end(_ what: String, _ sourceLocation: SourceLocation) throws -> Never {
    if TestData.isRequired { throw MissingData(required: what) }
    // The framework does not report a canceled case of a parameterized test, and counts it as passed.
    guard let test = Test.current, !test.isParameterized else {
      throw MissingData(description: "lack of data: \(what); such a test says so by '.needs', to be skipped")
    }
    try Test.cancel("lack of data: \(what)", sourceLocation: sourceLocation)
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test or a suite if something is missing. If `LAYERTAP_REQUIRE_DATA=1`, the test or suite fails instead.
  ///
  /// ```swift
  /// @Test(.needs(.lite0, .data("images/clothing"))) func photographsAreClassified() throws {
  ///   let images = try TestData.path("images/clothing")
  /// ```
  public static func needs(_ needs: Need..., sourceLocation: SourceLocation = #_sourceLocation) -> Self {
    let missing = needs.compactMap { $0.missing() }.joined(separator: "; ")
    return .enabled("lack of data: \(missing)", sourceLocation: sourceLocation) {
      if !missing.isEmpty, TestData.isRequired { throw MissingData(required: missing) }
      return missing.isEmpty
    }
  }
}

/// A test that cannot run and may not be skipped.
struct MissingData: Error, CustomStringConvertible {
  let description: String

  init(description: String) { self.description = description }
  init(required what: String) { description = "LAYERTAP_REQUIRE_DATA=1, but \(what)" }
}
