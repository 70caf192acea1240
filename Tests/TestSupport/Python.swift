// Python with NumPy as the independent reader of what we write.

import FoundationEssentials
import Testing

/// The machine's Python, with the packages that `Scripts/test` installs beside the checkout.
public enum Python {
  /// Runs a script to its end, or returns nil with a one-line notice where there is no Python with NumPy
  /// (a failure where `LAYERTAP_REQUIRE_DATA=1`).
  ///
  /// - Parameters:
  ///   - script: The path of a script, or the program's text if it holds a newline.
  ///   - arguments: What the script finds in `sys.argv[1:]`.
  public static func run(
    _ script: String, _ arguments: [String] = [], in folder: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Tool.Outcome? {
    guard hasNumPy else {
      _ = TestData.missing("python3 with numpy; Scripts/test installs it", at: sourceLocation)
      return nil
    }
    let program = script.contains("\n") ? ["-c", script] : [script]
    return try Tool.run(interpreter, ["python3"] + program + arguments, in: folder, environment: environment)
  }

  private static let interpreter = "/usr/bin/env"

  private static let environment: [String: String?] = {
    let packages =
      TestData.environment("LAYERTAP_PYTHON_PACKAGES") ?? Repository.path(".venv-tests")
    return FileManager.default.fileExists(atPath: packages) ? ["PYTHONPATH": packages] : [:]
  }()

  private static let hasNumPy =
    (try? Tool.run(interpreter, ["python3", "-c", "import numpy"], environment: environment))?.status == 0
}
